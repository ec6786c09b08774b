import { bearerPrefix, fleetVersions, ticketPrefix } from '#shared/protocol/versions.ts'

/** A WebSocket to open: where, and the subprotocols that carry version and credentials. */
export interface SocketTarget {
  readonly url: URL
  readonly protocols: readonly string[]
}

export const enrolmentUrl = (edge: URL): URL => new URL('/dispatcher/hosts', edge)

/** The control socket, to the host's MediaHost object. */
export function controlSocketTarget(edge: URL, host: { hostId: string; hostKey: string }): SocketTarget {
  return {
    url: socketUrl(new URL(`/dispatcher/hosts/${encodeURIComponent(host.hostId)}/socket`, edge)),
    protocols: [...fleetVersions, bearerPrefix + host.hostKey],
  }
}

/** The socket to one served room; the ticket says which. */
export function roomSocketTarget(edge: URL, room: { bootId: string; hostKey: string; ticket: string }): SocketTarget {
  const url = socketUrl(new URL('/dispatcher/rooms/link', edge))
  url.searchParams.set('bootId', room.bootId)
  return { url, protocols: [...fleetVersions, bearerPrefix + room.hostKey, ticketPrefix + room.ticket] }
}

function socketUrl(url: URL): URL {
  const socket = new URL(url)
  socket.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
  return socket
}
