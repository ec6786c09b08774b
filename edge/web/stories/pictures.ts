/** Moving pictures in place of cameras and screens: nothing is fetched, and each person looks like themselves. */

function drawPerson(context: CanvasRenderingContext2D, hue: number, frame: number): void {
  const { width, height } = context.canvas
  const wall = context.createLinearGradient(0, 0, width, height)
  wall.addColorStop(0, `oklch(0.72 0.05 ${String(hue)})`)
  wall.addColorStop(1, `oklch(0.42 0.06 ${String(hue + 40)})`)
  context.fillStyle = wall
  context.fillRect(0, 0, width, height)
  // A window behind, and a lamp.
  context.fillStyle = `oklch(0.9 0.03 ${String(hue + 60)} / 0.55)`
  context.fillRect(width * 0.08, height * 0.1, width * 0.2, height * 0.42)
  context.fillStyle = `oklch(0.88 0.08 80 / 0.6)`
  context.beginPath()
  context.arc(width * 0.86, height * 0.24, height * 0.09, 0, Math.PI * 2)
  context.fill()
  const sway = Math.sin(frame / 30) * width * 0.006
  const x = width * 0.52 + sway
  // Shoulders, neck, head, hair.
  context.fillStyle = `oklch(0.36 0.09 ${String(hue + 180)})`
  context.beginPath()
  context.ellipse(x, height * 1.06, width * 0.25, height * 0.4, 0, 0, Math.PI * 2)
  context.fill()
  context.fillStyle = `oklch(${String(0.58 + (hue % 5) * 0.05)} 0.06 55)`
  context.fillRect(x - width * 0.035, height * 0.58, width * 0.07, height * 0.14)
  context.beginPath()
  context.ellipse(x, height * 0.44, width * 0.088, height * 0.2, 0, 0, Math.PI * 2)
  context.fill()
  context.fillStyle = `oklch(0.26 0.03 ${String(hue + 20)})`
  context.beginPath()
  context.ellipse(x, height * 0.33, width * 0.098, height * 0.135, 0, Math.PI, Math.PI * 2)
  context.fill()
}

function drawScreen(context: CanvasRenderingContext2D, _hue: number, frame: number): void {
  const { width, height } = context.canvas
  context.fillStyle = '#f6f7f9'
  context.fillRect(0, 0, width, height)
  context.fillStyle = '#e3e6ec'
  context.fillRect(0, 0, width, height * 0.075)
  context.fillStyle = '#2b3345'
  context.font = `600 ${String(height * 0.045)}px sans-serif`
  context.fillText('Quarterly plan', width * 0.06, height * 0.17)
  const bars = [0.35, 0.5, 0.42, 0.62, 0.7, 0.58, 0.82]
  for (const [index, bar] of bars.entries()) {
    context.fillStyle = index === bars.length - 1 ? '#3b5bdb' : '#b6c2ee'
    const tall = height * 0.55 * bar * (1 + 0.01 * Math.sin((frame + index * 9) / 15))
    context.fillRect(width * (0.07 + index * 0.075), height * 0.88 - tall, width * 0.05, tall)
  }
  context.fillStyle = '#cfd5e0'
  for (let line = 0; line < 8; line += 1)
    context.fillRect(width * 0.66, height * (0.26 + line * 0.075), width * (0.26 - (line % 3) * 0.05), height * 0.022)
}

export function picture(kind: 'person' | 'screen', hue: number): MediaStreamTrack {
  const canvas = document.createElement('canvas')
  canvas.width = 640
  canvas.height = 360
  const context = canvas.getContext('2d')
  if (context === null) throw new TypeError('No 2D canvas here')
  const draw = kind === 'person' ? drawPerson : drawScreen
  let frame = 0
  draw(context, hue, frame)
  setInterval(() => {
    frame += 1
    draw(context, hue, frame)
  }, 500)
  const [track] = canvas.captureStream(2).getVideoTracks()
  if (track === undefined) throw new TypeError('The canvas gave no track')
  return track
}
