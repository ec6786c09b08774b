import { DurableObject } from 'cloudflare:workers'
import { z } from 'zod'
import { AppError } from '#shared/errors/AppError.ts'
import { toProblem } from '#shared/errors/error-body.ts'
import type { Logger } from '#shared/log/logger.ts'
import { regionSchema } from '#shared/protocol/fleet/host-link.ts'
import { type Jurisdiction, jurisdictionSchema } from '#shared/protocol/tokens.ts'
import { fleetVersions, negotiateVersion, parseSubprotocols } from '#shared/protocol/versions.ts'
import { type Clock, systemClock } from '#shared/time/clock.ts'
import { ServedRoomTable } from '#edge/db/objects/ServedRoomTable.ts'
import type { Enrolment, MediaHostFleetPort } from '#edge/domain/fleet/fleet-ports.ts'
import {
  absent,
  connectedBoot,
  type HostConnection,
  hostConnectionSchema,
  type HostEffect,
  type HostEvent,
  isDraining,
  nextTick,
  transition,
} from '#edge/domain/fleet/host-connection.ts'
import { hostKeyHeader } from '#edge/domain/forwarding.ts'
import type { HostReport } from '#edge/domain/fleet/host-report.ts'
import type { Env } from '#edge/env.ts'
import { loggerOf } from '#edge/services/logger.ts'
import { AlarmSchedule } from './kit/AlarmSchedule.ts'
import { Outbox } from './kit/Outbox.ts'
import { dispatcher, room } from '#edge/services/stubs.ts'
import { ControlSockets } from './media-host/ControlSockets.ts'
import { HostReporter } from './media-host/HostReporter.ts'

const enrolmentSchema = z.object({ hostId: z.uuid(), region: regionSchema, name: z.string(), keyHash: z.string() })

const lostRoomsSchema = z.object({
  hostId: z.uuid(),
  bootId: z.uuid(),
  rooms: z.array(z.object({ room: z.string(), jurisdiction: jurisdictionSchema.nullable() })),
})

const connectionKey = 'connection'
const enrolmentKey = 'enrolment'
const tickAlarm = 'tick'
const helloAlarm = 'hello'

/** A socket that says no hello within this time is closed, in milliseconds. */
const helloMs = 10_000
/** Rooms told of a loss by one message: few enough to repeat them all where one fails. */
const lostRoomsPerMessage = 50

/**
 * One media host: its enrolment, its control socket and the rooms it serves. The truth about whether
 * the host can be asked; a process of it that is lost is reported to each of its rooms.
 */
export class MediaHost extends DurableObject<Env> implements MediaHostFleetPort {
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #alarms: AlarmSchedule
  readonly #outbox: Outbox
  readonly #rooms: ServedRoomTable
  readonly #sockets: ControlSockets
  readonly #reporter: HostReporter
  #enrolment: Enrolment | undefined
  #connection: HostConnection
  /** Last frame in this life of the object; keep-alives are known to the runtime only. */
  #heardAt = 0

  constructor(ctx: DurableObjectState, env: Env, options: { clock?: Clock; logger?: Logger } = {}) {
    super(ctx, env)
    const { kv } = ctx.storage
    const enrolment = kv.get(enrolmentKey)
    this.#enrolment = enrolment === undefined ? undefined : enrolmentSchema.parse(enrolment)
    const connection = kv.get(connectionKey)
    this.#connection = connection === undefined ? absent : hostConnectionSchema.parse(connection)
    this.#clock = options.clock ?? systemClock
    this.#logger = (options.logger ?? loggerOf(env)).child({
      component: 'media-host',
      ...(this.#enrolment === undefined ? {} : { hostId: this.#enrolment.hostId }),
    })
    const kit = { clock: this.#clock, logger: this.#logger }
    this.#alarms = new AlarmSchedule(ctx, kit).on(tickAlarm, () => this.#tick()).on(helloAlarm, ({ key }) => this.#expectHello(key))
    this.#outbox = new Outbox(ctx, { ...kit, alarms: this.#alarms }).on('hostLost', {
      payload: lostRoomsSchema,
      deliver: ({ payload }) => this.#tellRooms(payload),
    })
    this.#rooms = new ServedRoomTable(ctx.storage)
    this.#sockets = new ControlSockets(ctx)
    this.#reporter = new HostReporter(ctx, { ...kit, dispatcher: (name) => dispatcher(env, name) })
    this.#noticeRestart()
  }

  enrol(enrolment: Enrolment): Promise<boolean> {
    if (this.#enrolment !== undefined) return Promise.resolve(this.#enrolment.keyHash === enrolment.keyHash)
    this.#enrolment = enrolmentSchema.parse(enrolment)
    this.ctx.storage.kv.put(enrolmentKey, this.#enrolment)
    return Promise.resolve(true)
  }

  hasKey(keyHash: string): Promise<boolean> {
    return Promise.resolve(this.#hasKey(keyHash))
  }

  async serve(request: {
    room: string
    roomId: string
    epoch: number
    ticket: string
    jurisdiction?: Jurisdiction
  }): Promise<{ bootId: string } | null> {
    const state = this.#connection
    if (state.state !== 'connected' || isDraining(state)) return null
    const { bootId } = state.description
    const { room } = request
    const known = this.#rooms.has({ room, bootId })
    // Noted before it is asked: should the process die meanwhile, the room hears of it.
    if (!known) this.#rooms.put({ room, bootId, jurisdiction: request.jurisdiction ?? null })
    try {
      await this.#sockets.peer(state.socketId).call('serveRoom', request)
      this.#logger.info('host.serves', { roomId: request.roomId, bootId, epoch: request.epoch })
      return { bootId }
    } catch (error) {
      this.#logger.warn('host.serve-failed', { roomId: request.roomId, bootId, error })
      if (!known && this.#rooms.has({ room, bootId })) this.#rooms.remove(room)
      return null
    }
  }

  status(): Promise<{ bootId: string | null; draining: boolean }> {
    return Promise.resolve({ bootId: connectedBoot(this.#connection), draining: isDraining(this.#connection) })
  }

  release({ room }: { room: string }): Promise<void> {
    this.#rooms.remove(room)
    return Promise.resolve()
  }

  drain(): Promise<boolean> {
    if (this.#enrolment === undefined) return Promise.resolve(false)
    this.#apply({ type: 'drain' })
    return Promise.resolve(true)
  }

  /** The host's control socket. The Worker's route has stripped what comes from outside and put the key's hash in. */
  override fetch(request: Request): Response {
    if (!this.#hasKey(request.headers.get(hostKeyHeader) ?? '')) return problem('unauthenticated')
    const { offered } = parseSubprotocols(request.headers.get('sec-websocket-protocol'))
    const subprotocol = negotiateVersion(offered, fleetVersions)
    if (subprotocol === undefined) return problem('unsupportedVersion')
    const { socketId, response } = this.#sockets.accept({ subprotocol })
    this.#alarms.set(`${helloAlarm}:${socketId}`, this.#clock.now() + helloMs)
    return response
  }

  override webSocketMessage(socket: WebSocket, frame: string | ArrayBuffer): void {
    const socketId = this.#sockets.idOf(socket)
    const incoming = this.#sockets.peer(socketId).handle(frame)
    const now = this.#clock.now()
    if (this.#isCurrent(socketId)) this.#heardAt = now
    if (incoming.kind === 'rejected') return this.#refuse(socketId, incoming.error)
    if (incoming.kind !== 'notification') return
    if (incoming.name === 'hello') {
      this.#alarms.clear(`${helloAlarm}:${socketId}`)
      this.#apply({ type: 'hello', socketId, description: incoming.body, now })
    } else this.#apply({ type: 'load', socketId, load: incoming.body, now })
  }

  override webSocketClose(socket: WebSocket): void {
    this.#lose(socket)
  }

  override webSocketError(socket: WebSocket): void {
    this.#lose(socket)
  }

  override async alarm(): Promise<void> {
    await this.#alarms.run()
  }

  #hasKey(keyHash: string): boolean {
    if (this.#enrolment === undefined) return false
    const [given, kept] = [keyHash, this.#enrolment.keyHash].map((text) => new TextEncoder().encode(text))
    return given !== undefined && kept !== undefined && given.byteLength === kept.byteLength && crypto.subtle.timingSafeEqual(given, kept)
  }

  #isCurrent(socketId: string): boolean {
    return this.#connection.state === 'connected' && this.#connection.socketId === socketId
  }

  /** Takes a step of the connection's machine: state and owed messages in one transaction, the rest after it. */
  #apply(event: HostEvent): void {
    const { state, effects } = transition(this.#connection, event)
    this.ctx.storage.transactionSync(() => {
      if (state !== this.#connection) this.ctx.storage.kv.put(connectionKey, state)
      for (const effect of effects) if (effect.type === 'bootLost') this.#oweLoss(effect.bootId)
    })
    this.#connection = state
    for (const effect of effects) this.#perform(effect)
    this.#arm()
  }

  #perform(effect: HostEffect): void {
    switch (effect.type) {
      case 'bootLost':
        this.#logger.warn('host.boot-lost', { bootId: effect.bootId })
        return this.ctx.waitUntil(this.#outbox.flush())
      case 'closeSocket':
        return this.#sockets.close(effect.socketId, effect.why === 'replaced' ? 'replaced' : 'misbehaved')
      case 'tellDispatchers':
        return this.ctx.waitUntil(this.#tellDispatchers())
      case 'askToDrain':
        return this.ctx.waitUntil(this.#askToDrain())
    }
  }

  #oweLoss(bootId: string): void {
    const { hostId } = this.#enrolment ?? { hostId: '' }
    const rooms = this.#rooms.takeAllOf(bootId)
    for (let first = 0; first < rooms.length; first += lostRoomsPerMessage) {
      const payload = { hostId, bootId, rooms: rooms.slice(first, first + lostRoomsPerMessage) }
      this.#outbox.put({ kind: 'hostLost', target: `${bootId}:${first}`, payload })
    }
  }

  async #tellRooms({ hostId, bootId, rooms }: z.infer<typeof lostRoomsSchema>): Promise<void> {
    await Promise.all(
      rooms.map(async ({ room: name, jurisdiction }) => {
        await room(this.env, { room: name, ...(jurisdiction === null ? {} : { jurisdiction }) }).hostLost({ hostId, bootId })
      }),
    )
  }

  async #tellDispatchers(): Promise<void> {
    await this.#reporter.tell(this.#report())
    this.#arm()
  }

  #report(): HostReport | null {
    const state = this.#connection
    if (state.state !== 'connected' || this.#enrolment === undefined) return null
    const { hostId, name } = this.#enrolment
    return { ...state.description, hostId, name, load: { ...state.description.load, draining: isDraining(state) } }
  }

  async #askToDrain(): Promise<void> {
    if (this.#connection.state !== 'connected') return
    try {
      await this.#sockets.peer(this.#connection.socketId).call('drain', {})
      this.#logger.info('host.drains')
    } catch (error) {
      this.#logger.warn('host.drain-delayed', { error })
    }
  }

  #tick(): void {
    const { state } = this.#connection
    const heardAt = state === 'connected' ? Math.max(this.#heardAt, this.#sockets.keptAliveAt(this.#connection.socketId)) : 0
    const now = this.#clock.now()
    this.#apply({ type: 'tick', heardAt, now })
    const due = this.#reporter.dueAt
    if (due !== undefined && due <= now) this.ctx.waitUntil(this.#tellDispatchers())
  }

  /** One alarm for the connection and the reporter. It may ring early, so it is only ever moved forward. */
  #arm(): void {
    const wanted = [nextTick(this.#connection), this.#reporter.dueAt].filter((at) => at !== undefined)
    if (wanted.length === 0) return this.#alarms.clear(tickAlarm)
    const at = Math.min(...wanted)
    const armed = this.#alarms.at(tickAlarm)
    if (armed === undefined || armed > at || armed <= this.#clock.now()) this.#alarms.set(tickAlarm, at)
  }

  /** After a restart of the edge, sockets are gone without having been closed. */
  #noticeRestart(): void {
    if (this.#connection.state !== 'connected' || this.#sockets.isOpen(this.#connection.socketId)) return
    this.#logger.info('host.socket-gone')
    this.#apply({ type: 'socketsGone', now: this.#clock.now() })
  }

  #lose(socket: WebSocket): void {
    const socketId = this.#sockets.idOf(socket)
    this.#sockets.forget(socketId)
    this.#alarms.clear(`${helloAlarm}:${socketId}`)
    this.#apply({ type: 'socketClosed', socketId, now: this.#clock.now() })
  }

  /** A host that greets with what cannot be read is sent away; later on, a frame that cannot be read is only not acted on. */
  #refuse(socketId: string, error: AppError): void {
    this.#logger.warn('host.frame-rejected', { code: error.code, context: error.context })
    if (!this.#isCurrent(socketId)) this.#sockets.close(socketId, 'misbehaved')
  }

  #expectHello(socketId: string): void {
    if (!this.#isCurrent(socketId)) this.#sockets.close(socketId, 'misbehaved')
  }
}

function problem(code: 'unauthenticated' | 'unsupportedVersion'): Response {
  const error = new AppError(code)
  return new Response(JSON.stringify(toProblem(error)), { status: error.status, headers: { 'content-type': 'application/problem+json' } })
}
