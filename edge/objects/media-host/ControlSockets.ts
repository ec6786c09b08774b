import { z } from 'zod'
import { AppError } from '#shared/errors/AppError.ts'
import { newId } from '#shared/ids/ids.ts'
import { closeCodes } from '#shared/protocol/close-codes.ts'
import { hostNotifications, hostProcedures } from '#shared/protocol/fleet/host-link.ts'
import { keepAlive } from '#shared/protocol/wapi/frames.ts'
import type { Timestamp } from '#shared/time/clock.ts'
import { FleetPeer } from '#edge/objects/kit-fleet/FleetPeer.ts'

export type ControlPeer = FleetPeer<typeof hostProcedures, typeof hostNotifications>

const attachmentSchema = z.object({ socketId: z.uuid() })

/** A host answers a question on its control socket within this time, in milliseconds. */
const answerMs = 2000

/** The control sockets of one host: normally one, for a moment two while the host dials again. They hibernate. */
export class ControlSockets {
  readonly #ctx: DurableObjectState
  readonly #peers = new Map<string, ControlPeer>()

  constructor(ctx: DurableObjectState) {
    this.#ctx = ctx
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(keepAlive.request, keepAlive.response))
  }

  /** Takes a socket; gives its id and the upgrade's response. */
  accept(options: { subprotocol: string }): { socketId: string; response: Response } {
    const { 0: client, 1: server } = new WebSocketPair()
    const socketId = newId()
    this.#ctx.acceptWebSocket(server)
    server.serializeAttachment({ socketId })
    const headers = { 'sec-websocket-protocol': options.subprotocol }
    return { socketId, response: new Response(null, { status: 101, webSocket: client, headers }) }
  }

  idOf(socket: WebSocket): string {
    return attachmentSchema.parse(socket.deserializeAttachment()).socketId
  }

  isOpen(socketId: string): boolean {
    return this.#find(socketId) !== undefined
  }

  /** The far side of a socket. A new one after an eviction; its sockets are the same. */
  peer(socketId: string): ControlPeer {
    const existing = this.#peers.get(socketId)
    if (existing !== undefined) return existing
    const peer: ControlPeer = new FleetPeer({
      send: (frame) => {
        const socket = this.#find(socketId)
        if (socket === undefined) throw new AppError('unavailable')
        socket.send(frame)
      },
      procedures: hostProcedures,
      notifications: hostNotifications,
      timeoutMs: answerMs,
    })
    this.#peers.set(socketId, peer)
    return peer
  }

  /** When the runtime last answered the host's keep-alive by itself, 0 for never. */
  keptAliveAt(socketId: string): Timestamp {
    const socket = this.#find(socketId)
    if (socket === undefined) return 0
    return this.#ctx.getWebSocketAutoResponseTimestamp(socket)?.getTime() ?? 0
  }

  /** The socket has closed; whatever was asked on it fails. */
  forget(socketId: string): void {
    this.#peers.get(socketId)?.failAll(new AppError('unavailable'))
    this.#peers.delete(socketId)
  }

  close(socketId: string, code: keyof typeof closeCodes): void {
    const socket = this.#find(socketId)
    this.forget(socketId)
    try {
      socket?.close(closeCodes[code], code)
    } catch {
      // It is closing already.
    }
  }

  #find(socketId: string): WebSocket | undefined {
    return this.#ctx.getWebSockets().find((socket) => socket.readyState === WebSocket.OPEN && this.idOf(socket) === socketId)
  }
}
