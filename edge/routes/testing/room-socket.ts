import { createExecutionContext } from 'cloudflare:test'
import { z } from 'zod'
import { app } from '#edge/app.ts'
import { newId } from '#shared/ids/ids.ts'
import { type Event, serverFrameSchema } from '#shared/protocol/wapi/frames.ts'
import { env, origin } from './api.ts'

interface Door {
  readonly token: string
  readonly roomId: string
  /** A room's ticket, or the key of a meeting's link. */
  readonly ticket?: string | undefined
}

/** Knocks at a room through the real Worker, as a browser does. */
export async function knock({ token, roomId, ticket }: Door): Promise<Response> {
  const protocols = ['ringway.v1', `bearer.${token}`, ...(ticket === undefined ? [] : [`ticket.${ticket}`])]
  const headers = { upgrade: 'websocket', 'sec-websocket-protocol': protocols.join(', ') }
  return app.fetch(new Request(`${origin}/wapi/rooms/${encodeURIComponent(roomId)}`, { headers }), env, createExecutionContext())
}

export interface RoomAnswer {
  readonly status: number
  readonly body: Record<string, unknown>
}

type Frame = ReturnType<(typeof serverFrameSchema)['parse']>

/** One device's socket to a room: the real Worker, the real object. */
export class RoomDevice {
  readonly sessionId: string
  readonly #roomId: string
  readonly #socket: WebSocket
  readonly #received: Frame[] = []
  #arrived = Promise.withResolvers<void>()
  #requests = 0

  private constructor(socket: WebSocket, options: { roomId: string; sessionId: string }) {
    this.#roomId = options.roomId
    this.sessionId = options.sessionId
    this.#socket = socket
    socket.addEventListener('message', ({ data }) => {
      this.#received.push(serverFrameSchema.parse(JSON.parse(String(data))))
      this.#arrived.resolve()
      this.#arrived = Promise.withResolvers()
    })
    socket.accept()
  }

  static async at(door: Door, sessionId: string = newId()): Promise<RoomDevice> {
    const response = await knock(door)
    if (response.webSocket === null) throw new Error(`Refused: ${response.status} ${await response.text()}`)
    return new RoomDevice(response.webSocket, { roomId: door.roomId, sessionId })
  }

  async ask(method: string, path: string, body?: unknown): Promise<RoomAnswer> {
    this.#requests += 1
    const id = `${this.#requests}`
    this.#socket.send(JSON.stringify({ id, method, resource: `/rooms/${this.#roomId}${path}`, body }))
    const answer = await this.#next((frame) => 'id' in frame && frame.id === id)
    if (!('status' in answer)) throw new TypeError('An answer has a status')
    return { status: answer.status, body: z.record(z.string(), z.unknown()).parse(answer.body) }
  }

  join(): Promise<RoomAnswer> {
    return this.ask('POST', '/participants', { sessionId: this.sessionId })
  }

  leave(): Promise<RoomAnswer> {
    return this.ask('DELETE', '/participants/me')
  }

  /** The next event of this name. */
  async event(name: string): Promise<Event> {
    const frame = await this.#next((candidate) => 'event' in candidate && candidate.event === name)
    if (!('event' in frame)) throw new TypeError('An event has a name')
    return frame
  }

  close(): void {
    this.#socket.close()
  }

  async #next(wanted: (frame: Frame) => boolean): Promise<Frame> {
    for (;;) {
      const index = this.#received.findIndex(wanted)
      const [found] = index < 0 ? [] : this.#received.splice(index, 1)
      if (found !== undefined) return found
      await this.#arrived.promise
    }
  }
}
