import { createSocket } from 'node:dgram'
import { createServer, type Server } from 'node:net'

const blockSize = 100
const blocks = 100
const firstMediaPort = 20_000
/** Port k of this range is listened on while block k is in use, by whoever uses it. */
const firstReservationPort = 19_000

export interface MediaPorts {
  /** `min-max`. */
  readonly range: string
  /** Idempotent. */
  release(): Promise<void>
}

/**
 * Reserves a block of ports for media among all tests of this machine. Held by an open socket, so that a test that dies
 * frees its block.
 */
export async function reserveMediaPorts(): Promise<MediaPorts> {
  const start = Math.floor(Math.random() * blocks)
  for (let index = 0; index < blocks; index += 1) {
    const block = (start + index) % blocks
    const server = await listen(firstReservationPort + block)
    if (server === undefined) continue
    const release = (): Promise<void> => new Promise((resolve) => server.close(() => resolve()))
    const min = firstMediaPort + block * blockSize
    if (await isFree(min)) return { range: `${min}-${min + blockSize - 1}`, release }
    await release()
  }
  throw new Error('no block of media ports is free')
}

function listen(port: number): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.unref()
    server.once('error', () => resolve(undefined)).listen({ port, host: '127.0.0.1' }, () => resolve(server))
  })
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4')
    socket.once('error', () => resolve(false)).bind(port, '127.0.0.1', () => socket.close(() => resolve(true)))
  })
}
