import type { Stack } from './stack.ts'

/** How many rooms have media on each media host, by the hosts' own metrics. */
export function roomsPerHost(stack: Stack): Promise<number[]> {
  return Promise.all(stack.status.hosts.map(({ httpPort }) => roomsOn(httpPort)))
}

/** Index of the one host that has rooms. */
export async function busyHost(stack: Stack): Promise<number> {
  const rooms = await roomsPerHost(stack)
  const index = rooms.findIndex((count) => count > 0)
  if (index < 0) throw new Error(`No host has a room: ${rooms.join(', ')}`)
  return index
}

async function roomsOn(httpPort: number | null): Promise<number> {
  const metrics = await (await fetch(`http://127.0.0.1:${httpPort}/metrics`)).text()
  const value = /^ringway_rooms(?:\{[^}]*\})? (\d+)$/m.exec(metrics)?.[1]
  if (value === undefined) throw new Error('The metrics do not tell the number of rooms')
  return Number(value)
}
