import { createServer } from 'node:net'
import { type PortRange, StartConfigError } from './config.ts'

/**
 * The port itself if this process may listen on it, a free one for 0.
 * @throws {StartConfigError} in words for whoever started Ringway.
 */
export async function claimPort(host: string, port: number): Promise<number> {
  const server = createServer()
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject).listen({ host, port }, resolve)
  try {
    await promise
  } catch (cause) {
    throw new StartConfigError(explain(cause, { host, port }), { cause })
  }
  const address = server.address()
  const closed = Promise.withResolvers<void>()
  server.close(() => closed.resolve())
  await closed.promise
  return typeof address === 'object' && address !== null ? address.port : port
}

/** Free ports, no two of them the same. */
export async function claimFreePorts(host: string, count: number): Promise<readonly number[]> {
  const ports = new Set<number>()
  while (ports.size < count) ports.add(await claimPort(host, 0))
  return [...ports]
}

/** Equal, disjoint parts of a range, one per media host. */
export function splitPorts(range: PortRange, count: number): readonly PortRange[] {
  const size = Math.floor((range.max - range.min + 1) / count)
  if (size < 2) throw new StartConfigError(`RINGWAY_MEDIA_PORTS is too small for ${count} media hosts`)
  return Array.from({ length: count }, (_, index) => ({ min: range.min + index * size, max: range.min + (index + 1) * size - 1 }))
}

function explain(error: unknown, address: { host: string; port: number }): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  const { host, port } = address
  switch (code) {
    case 'EADDRINUSE':
      return `PORT ${port} on ${host} is already in use by another program. Stop it, or set PORT to another port.`
    case 'EACCES':
      return `PORT ${port} may not be used by this user: ports below 1024 are root's. Set PORT to another port.`
    case 'EADDRNOTAVAIL':
      return `RINGWAY_BIND ${host} is not an address of this machine.`
    default:
      return `PORT ${port} on ${host} cannot be used: ${error instanceof Error ? error.message : String(error)}`
  }
}
