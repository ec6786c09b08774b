import { z } from 'zod'
import { AppError } from '#shared/errors/AppError.ts'
import type { Logger } from '#shared/log/logger.ts'
import { closeCodes } from '#shared/protocol/close-codes.ts'
import type { RtpCapabilities } from '#shared/protocol/media.ts'
import {
  roomLinkNotifications,
  roomProcedures,
  type RoomLinkNotificationBody,
  type RoomLinkNotificationName,
} from '#shared/protocol/fleet/room-link.ts'
import { FleetPeer } from '#edge/objects/kit-fleet/FleetPeer.ts'

/** The host at the far end, as the Worker verified it: header `x-ringway-host` and the socket's attachment. */
export const hostEndSchema = z.object({ hostId: z.string(), bootId: z.uuid() })
export type HostEnd = z.infer<typeof hostEndSchema>

export type RoomPeer = FleetPeer<typeof roomProcedures, typeof roomLinkNotifications>

/** What the host said when the room opened on it. */
export interface OpenedLink {
  readonly hostId: string
  readonly peer: RoomPeer
  readonly routerRtpCapabilities: RtpCapabilities
}

export type HostNotification = {
  [Name in RoomLinkNotificationName]: { readonly name: Name; readonly body: RoomLinkNotificationBody<Name> }
}[RoomLinkNotificationName]

interface Link {
  readonly end: HostEnd
  readonly socket: WebSocket
  readonly peer: RoomPeer
  opened: Promise<OpenedLink> | undefined
}

const socketTag = 'host'

/**
 * The sockets that media hosts hold to this room. They hibernate: after an eviction the peers are made
 * anew from the sockets, and opening the room again on a host is harmless.
 */
export class HostLinks {
  readonly #ctx: DurableObjectState
  readonly #logger: Logger
  readonly #open: (end: HostEnd, peer: RoomPeer) => Promise<OpenedLink>
  readonly #onNotification: (end: HostEnd, notification: HostNotification) => void
  readonly #onClosed: (end: HostEnd) => void
  readonly #links = new Map<string, Link>()
  readonly #waiting = new Map<string, Set<(link: Link) => void>>()

  constructor(
    ctx: DurableObjectState,
    options: {
      logger: Logger
      /** Asks the host to open the room; runs once per life of a link. */
      open: (end: HostEnd, peer: RoomPeer) => Promise<OpenedLink>
      onNotification: (end: HostEnd, notification: HostNotification) => void
      /** The last socket of this host process is gone. */
      onClosed: (end: HostEnd) => void
    },
  ) {
    this.#ctx = ctx
    this.#logger = options.logger
    this.#open = options.open
    this.#onNotification = options.onNotification
    this.#onClosed = options.onClosed
    for (const socket of ctx.getWebSockets(socketTag)) {
      const end = hostEndSchema.safeParse(socket.deserializeAttachment())
      if (end.success && socket.readyState === WebSocket.OPEN) this.#add(end.data, socket)
    }
  }

  /** Whether it is a host's: of a socket that was lost in an eviction nothing is known any more, so it counts as a client's. */
  owns(socket: WebSocket): boolean {
    return this.#linkOf(socket) !== undefined
  }

  /** Takes the socket of a host that the room expects. A second one of the same host replaces the first. */
  accept(end: HostEnd, options: { subprotocol: string }): Response {
    const { 0: client, 1: server } = new WebSocketPair()
    this.#ctx.acceptWebSocket(server, [socketTag])
    server.serializeAttachment(end)
    const replaced = this.#links.get(end.hostId)
    const link = this.#add(end, server)
    replaced?.peer.failAll(new AppError('unavailable'))
    if (replaced !== undefined) closeQuietly(replaced.socket, closeCodes.replaced, 'replaced')
    void this.#opened(link).catch(() => undefined)
    for (const resolve of this.#waiting.get(end.hostId) ?? []) resolve(link)
    this.#waiting.delete(end.hostId)
    return new Response(null, { status: 101, webSocket: client, headers: { 'sec-websocket-protocol': options.subprotocol } })
  }

  has(hostId: string): boolean {
    return this.#links.has(hostId)
  }

  /** The host's link once the room is open on it. @throws AppError `mediaUnavailable` where none comes in time. */
  async get(hostId: string, options: { timeoutMs: number }): Promise<OpenedLink> {
    const link = this.#links.get(hostId) ?? (await this.#arrival(hostId, options.timeoutMs))
    return this.#opened(link)
  }

  message(socket: WebSocket, data: string | ArrayBuffer): void {
    const link = this.#linkOf(socket)
    if (link === undefined) return
    const incoming = link.peer.handle(data)
    if (incoming.kind === 'notification') this.#onNotification(link.end, incoming)
    else if (incoming.kind === 'rejected') this.#logger.warn('host.frame-rejected', { hostId: link.end.hostId, code: incoming.error.code })
  }

  closed(socket: WebSocket): void {
    const link = this.#linkOf(socket)
    if (link === undefined) return
    this.#links.delete(link.end.hostId)
    link.peer.failAll(new AppError('unavailable'))
    this.#onClosed(link.end)
  }

  /** Ends the link for good: the host drops what it holds of the room. */
  drop(hostId: string): void {
    const link = this.#links.get(hostId)
    if (link === undefined) return
    this.#links.delete(hostId)
    link.peer.failAll(new AppError('unavailable'))
    closeQuietly(link.socket, closeCodes.ended, 'ended')
  }

  #add(end: HostEnd, socket: WebSocket): Link {
    const peer: RoomPeer = new FleetPeer({
      send: (frame) => socket.send(frame),
      procedures: roomProcedures,
      notifications: roomLinkNotifications,
    })
    const link: Link = { end, socket, peer, opened: undefined }
    this.#links.set(end.hostId, link)
    return link
  }

  #opened(link: Link): Promise<OpenedLink> {
    // A failed opening is tried again by the next one who asks.
    link.opened ??= this.#open(link.end, link.peer).catch((error: unknown) => {
      link.opened = undefined
      throw error
    })
    return link.opened
  }

  #linkOf(socket: WebSocket): Link | undefined {
    return [...this.#links.values()].find((link) => link.socket === socket)
  }

  #arrival(hostId: string, timeoutMs: number): Promise<Link> {
    return new Promise((resolve, reject) => {
      const waiting = this.#waiting.get(hostId) ?? new Set()
      this.#waiting.set(hostId, waiting)
      const timer = setTimeout(() => {
        waiting.delete(arrived)
        reject(new AppError('mediaUnavailable', { context: { reason: 'hostDidNotDial' } }))
      }, timeoutMs)
      const arrived = (link: Link): void => {
        clearTimeout(timer)
        resolve(link)
      }
      waiting.add(arrived)
    })
  }
}

function closeQuietly(socket: WebSocket, code: number, reason: string): void {
  try {
    socket.close(code, reason)
  } catch {
    // It is closed already.
  }
}
