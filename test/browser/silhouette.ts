const width = 640
const height = 360
const frames = 20

/** Colours as Y, Cb, Cr of BT.601. */
type Colour = readonly [number, number, number]

export interface Silhouette {
  readonly backdrop: Colour
  readonly figure: Colour
}

/**
 * A camera's picture as a YUV4MPEG2 file (4:2:0, 10 frames a second): a head and shoulders before a lit
 * wall, nodding a little, so that the README's picture need not show a test pattern.
 */
export function silhouetteVideo({ backdrop, figure }: Silhouette): Buffer {
  const parts: Buffer[] = [Buffer.from(`YUV4MPEG2 W${width} H${height} F10:1 Ip A1:1 C420jpeg\n`)]
  for (let frame = 0; frame < frames; frame++) {
    const nod = Math.sin((2 * Math.PI * frame) / frames) * 6
    parts.push(
      Buffer.from('FRAME\n'),
      plane(0, 1, nod, { backdrop, figure }),
      plane(1, 2, nod, { backdrop, figure }),
      plane(2, 2, nod, { backdrop, figure }),
    )
  }
  return Buffer.concat(parts)
}

function plane(channel: 0 | 1 | 2, step: number, nod: number, { backdrop, figure }: Silhouette): Buffer {
  const bytes = Buffer.alloc((width / step) * (height / step))
  let at = 0
  for (let y = 0; y < height; y += step) {
    for (let x = 0; x < width; x += step) {
      const light = channel === 0 ? Math.round(40 * (1 - Math.hypot(x - width * 0.35, y - height * 0.2) / width)) : 0
      bytes[at++] = isFigure(x, y - nod) ? figure[channel] : Math.max(16, Math.min(235, backdrop[channel] + light))
    }
  }
  return bytes
}

function isFigure(x: number, y: number): boolean {
  const head = ((x - 320) / 62) ** 2 + ((y - 150) / 78) ** 2 < 1
  const shoulders = ((x - 320) / 170) ** 2 + ((y - 380) / 140) ** 2 < 1
  return head || shoulders
}
