import type { types } from 'mediasoup-client'
import type { Source } from '#shared/protocol/media.ts'

/** Bits per second that a source sends until the room says otherwise (SFU-3). */
const initialBitrate: Readonly<Partial<Record<Source, number>>> = { camera: 1_500_000, screen: 2_500_000 }

/** Simulcast, smallest first, as mediasoup counts spatial layers: divisor of the size, share of the bitrate. */
const layers = [
  { scaleResolutionDownBy: 4, share: 0.08 },
  { scaleResolutionDownBy: 2, share: 0.25 },
  { scaleResolutionDownBy: 1, share: 0.67 },
] as const

/** Below this a layer is not worth looking at. */
const leastBitrate = 50_000

export function encodingsOf(source: Source, options: { simulcast: boolean }): types.RtpEncodingParameters[] | undefined {
  const total = initialBitrate[source]
  if (total === undefined) return undefined
  const bitrates = shares(total, options.simulcast ? layers.length : 1)
  if (!options.simulcast) return [{ maxBitrate: total, scalabilityMode: 'L1T3' }]
  return layers.map(({ scaleResolutionDownBy }, index) => ({
    scaleResolutionDownBy,
    scalabilityMode: 'L1T3',
    ...(bitrates[index] === undefined ? {} : { maxBitrate: bitrates[index] }),
  }))
}

/** What each of `count` encodings may take of a bitrate, smallest first. */
export function shares(maxBitrate: number, count: number): number[] {
  if (count !== layers.length) return Array.from({ length: count }, () => Math.floor(maxBitrate / count))
  return layers.map(({ share }) => Math.max(leastBitrate, Math.floor(maxBitrate * share)))
}

export function codecOptionsOf(source: Source): types.ProducerCodecOptions {
  if (source === 'microphone') return { opusStereo: false, opusFec: true, opusDtx: true }
  // What a screen plays may be music.
  if (source === 'screen-audio') return { opusStereo: true, opusFec: true, opusDtx: false }
  return { videoGoogleStartBitrate: 800 }
}
