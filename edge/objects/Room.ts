import { DurableObject } from 'cloudflare:workers'
import { AppError } from '#shared/errors/AppError.ts'
import { newId } from '#shared/ids/ids.ts'
import type { Logger } from '#shared/log/logger.ts'
import { closeCodes } from '#shared/protocol/close-codes.ts'
import { fleetVersions } from '#shared/protocol/versions.ts'
import type { RoomSignalBody, RoomSignalName } from '#shared/protocol/wapi/room.ts'
import { type Clock, systemClock } from '#shared/time/clock.ts'
import { tokenService } from '#edge/auth/tokens.ts'
import { fromHeader, hostHeader, roomEntrySchema, roomHeader } from '#edge/domain/forwarding.ts'
import type { RoomPort } from '#edge/domain/ports.ts'
import type { DisconnectReason, RoomEffect } from '#edge/domain/room/change.ts'
import { conclude } from '#edge/domain/room/invites.ts'
import { connectionLost, removeAfterPassed, revoke } from '#edge/domain/room/membership.ts'
import { presentOf } from '#edge/domain/room/queries.ts'
import type { Speakers } from '#edge/domain/room/speaker-board.ts'
import type { Env } from '#edge/env.ts'
import { directory } from '#edge/services/directory.ts'
import { hookTargets } from '#edge/services/hook-targets.ts'
import { loggerOf } from '#edge/services/logger.ts'
import { AlarmSchedule } from './kit/AlarmSchedule.ts'
import { AnswerLog } from './kit/AnswerLog.ts'
import type { ClientConnection } from './kit/ClientConnection.ts'
import { ClientConnections } from './kit/ClientConnections.ts'
import { EventFeed } from './kit/EventFeed.ts'
import { EventLog } from './kit/EventLog.ts'
import { Outbox } from './kit/Outbox.ts'
import { ledger, userHub } from '#edge/services/stubs.ts'
import { fleetPorts } from './room/fleet-ports.ts'
import { HostFleet } from './room/HostFleet.ts'
import { HostLinks, hostEndSchema } from './room/HostLinks.ts'
import { relayNotification } from './room/host-notifications.ts'
import { MediaConductor } from './room/MediaConductor.ts'
import { outboxPayloads } from './room/outbox-messages.ts'
import { RequestRouter } from './room/RequestRouter.ts'
import { type CommittedEvent, RoomStore } from './room/RoomStore.ts'
import type { RoomContext } from './room/room-context.ts'

/** Clients that say nothing for this long are gone though their socket is not, in milliseconds. */
const clientSilence = { limit: 45_000, every: 30_000 }
/** Of tickets that bring a participant back into its room. */
const ticketLifetime = 24 * 3600

/** One room: its members, invites, publications and placement. Wires the pieces in `room/` together, and nothing else. */
export class Room extends DurableObject<Env> implements RoomPort {
  /** Undefined once an ended room has been forgotten, until it is needed again: its parts make their tables. */
  #assembled: ReturnType<Room['assemble']> | undefined
  readonly #clock: Clock
  readonly #logger: Logger

  constructor(ctx: DurableObjectState, env: Env, options: { clock?: Clock; logger?: Logger } = {}) {
    super(ctx, env)
    this.#clock = options.clock ?? systemClock
    this.#logger = options.logger ?? loggerOf(env, { component: 'room' })
    this.#noticeLostConnections()
    this.#parts.fleet.wake()
  }

  override async fetch(request: Request): Promise<Response> {
    const { connections, links, fleet } = this.#parts
    if (!request.headers.has(hostHeader)) return connections.fetch(request)
    const end = fromHeader(request.headers, hostHeader, hostEndSchema)
    // 410 tells the host that the room has no use for it: it drops what it holds.
    if (!fleet.expects(end)) return new Response(null, { status: new AppError('roomEnded').status })
    return links.accept(end, { subprotocol: fleetVersions[0] })
  }

  override async webSocketMessage(socket: WebSocket, data: string | ArrayBuffer): Promise<void> {
    if (this.#parts.links.owns(socket)) this.#parts.links.message(socket, data)
    else await this.#parts.connections.webSocketMessage(socket, data)
  }

  override async webSocketClose(socket: WebSocket, code: number, reason: string, wasClean: boolean): Promise<void> {
    if (this.#parts.links.owns(socket)) this.#parts.links.closed(socket)
    else await this.#parts.connections.webSocketClose(socket, code, reason, wasClean)
  }

  override async webSocketError(socket: WebSocket, error: unknown): Promise<void> {
    if (this.#parts.links.owns(socket)) this.#parts.links.closed(socket)
    else await this.#parts.connections.webSocketError(socket, error)
  }

  override async alarm(): Promise<void> {
    await this.#parts.alarms.run()
  }

  async inviteAnswered(request: { inviteId: string; userId: string; answer: 'declined' | 'offline' | 'busy' }): Promise<void> {
    const { store } = this.#parts
    const invite = store.current?.invites.get(request.inviteId)
    if (store.current === null || invite === undefined || invite.to.userId !== request.userId) return
    store.apply(conclude(store.current, request.inviteId, request.answer, store.clock.now()))
  }

  async revokeSession(request: { userId: string; loginId: string | null; sessionId?: string | undefined }): Promise<void> {
    const { store } = this.#parts
    if (store.current !== null && store.current.room.ended === null) store.apply(revoke(store.current, request, store.clock.now()))
  }

  async hostLost(request: { hostId: string; bootId: string }): Promise<void> {
    this.#parts.fleet.lost(request)
  }

  get #parts(): ReturnType<Room['assemble']> {
    return (this.#assembled ??= this.assemble())
  }

  /** All that one life of the object consists of. */
  protected assemble() {
    const { ctx, env } = this
    const clock = this.#clock
    const logger = this.#logger
    const alarms = new AlarmSchedule(ctx, { clock, logger })
    const outbox = new Outbox(ctx, { alarms, clock, logger })
    const feed = new EventFeed(ctx, { alarms, clock, logger, targets: hookTargets(env), newId })
    const events = new EventLog(ctx)
    const answers = new AnswerLog(ctx)
    const store = new RoomStore(ctx, { clock, events, alarms, outbox, feed, onCommitted: (committed) => this.#committed(committed) })
    const heard = new Map<string, Speakers>()
    const links = new HostLinks(ctx, {
      logger,
      open: (end, peer) => fleet.openOn(end, peer),
      onNotification: (end, notification) =>
        relayNotification({ store, fleet, conductor, logger, heard, signal: (...to) => this.#signal(...to) }, end, notification),
      onClosed: (end) => fleet.closed(end),
    })
    const fleet = new HostFleet({ store, links, logger, ports: fleetPorts(env) })
    const conductor = new MediaConductor({ store, fleet, links, logger, newId, signal: (...to) => this.#signal(...to) })
    const context: RoomContext = {
      store,
      events,
      answers,
      conductor,
      fleet,
      logger,
      newId,
      directory: directory(env),
      hubOf: (user) => userHub(env, user),
      signTicket: (user, room) => tokenService(env).signRoomTicket({ ...room, userId: user.userId, ttlSeconds: ticketLifetime }),
    }
    const router = new RequestRouter(context)
    const connections = new ClientConnections(ctx, {
      logger,
      clock,
      alarms,
      silence: clientSilence,
      onOpen: (request) => ({ entry: fromHeader(request.headers, roomHeader, roomEntrySchema) }),
      onRequest: (connection, request) => router.answer(connection, request),
      onClosed: (connection) => this.#clientGone(connection),
    })
    this.#onAlarms(alarms, { store, fleet })
    this.#onOutbox(outbox, context)
    return { logger, alarms, outbox, feed, store, links, fleet, conductor, connections }
  }

  #onAlarms(alarms: AlarmSchedule, { store, fleet }: { store: RoomStore; fleet: HostFleet }): void {
    alarms.on('invite', ({ key }) => {
      if (store.current !== null) store.apply(conclude(store.current, key, 'timeout', store.clock.now()))
    })
    alarms.on('participant', ({ key }) => {
      if (store.current !== null) store.apply(removeAfterPassed(store.current, key, store.clock.now()))
    })
    alarms.on('host', ({ key }) => fleet.check(key))
    alarms.on('forget', () => this.#forget())
  }

  #onOutbox(outbox: Outbox, context: RoomContext): void {
    const { env } = this
    outbox.on('endInvite', {
      payload: outboxPayloads.endInvite,
      deliver: ({ payload: { user, ...rest } }) => context.hubOf(user).endInvite(rest),
    })
    outbox.on('enterHub', {
      payload: outboxPayloads.enterHub,
      deliver: async ({ payload: { user, roomId, sessionId, enteredAt, room, onlyOneDeviceWithInvitations } }) => {
        const ticket = await context.signTicket(user, room)
        const call = { roomId, sessionId, ticket, enteredAt }
        await context.hubOf(user).enterRoom({ call, room, unlessInACall: false, onlyOneDeviceWithInvitations })
      },
    })
    outbox.on('leaveHub', {
      payload: outboxPayloads.leaveHub,
      deliver: ({ payload: { user, roomId, sessionId } }) => context.hubOf(user).leaveRoom({ roomId, sessionId }),
    })
    outbox.on('record', {
      payload: outboxPayloads.record,
      deliver: ({ target, payload }) => ledger(env, target, context.store.state.room).record(payload, { domainId: payload.domainId }),
    })
    outbox.on('shareRecord', {
      payload: outboxPayloads.shareRecord,
      deliver: ({ target, payload: { record, domainId, ...where } }) => ledger(env, target, where).record(record, { domainId }),
    })
  }

  #committed(committed: { events: readonly CommittedEvent[]; effects: readonly RoomEffect[] }): void {
    const { connections, conductor, outbox, feed, logger, store } = this.#parts
    for (const { event, audience } of committed.events) {
      const text = JSON.stringify(event)
      for (const sessionId of audience) connections.find(sessionId)?.sendText(text)
      logger.debug('room.event', { roomId: store.state.room.roomId, seq: event.seq, event: event.event })
    }
    for (const effect of committed.effects) {
      if (effect.type === 'disconnect') this.#disconnect(effect.sessionId, effect.reason)
      else conductor.perform(effect)
    }
    if (outbox.size > 0) this.ctx.waitUntil(outbox.flush())
    if (!feed.isEmpty) this.ctx.waitUntil(feed.flush())
  }

  /** After the answer to the request that caused it, which may be that very client's. */
  #disconnect(sessionId: string, reason: DisconnectReason): void {
    const connection = this.#parts.connections.find(sessionId)
    if (connection === undefined) return
    const code = reason === 'unauthenticated' ? closeCodes.unauthenticated : closeCodes.ended
    setTimeout(() => connection.close(code, reason), 0)
  }

  #signal<Name extends RoomSignalName>(sessionId: string, name: Name, body: RoomSignalBody<Name>): void {
    const { connections, store } = this.#parts
    connections.find(sessionId)?.send({ event: name, resource: `/rooms/${store.state.room.roomId}`, body })
  }

  #clientGone(connection: ClientConnection): void {
    const { store } = this.#parts
    if (connection.sessionId === null || store.current === null || store.current.room.ended !== null) return
    store.apply(connectionLost(store.current, connection.sessionId, store.clock.now()))
  }

  /** After a crash or a deploy no socket tells of its end: whoever has none is down from now on. */
  #noticeLostConnections(): void {
    const { store, connections } = this.#parts
    if (store.current === null || store.current.room.ended !== null) return
    for (const { sessionId } of presentOf(store.current)) {
      if (connections.find(sessionId) === undefined) store.apply(connectionLost(store.state, sessionId, store.clock.now()))
    }
  }

  /** An ended room leaves nothing behind, once everybody who must know has been told. */
  async #forget(): Promise<void> {
    const { store, outbox, feed, alarms } = this.#parts
    if (store.current !== null && store.current.room.ended === null) return
    if (outbox.size > 0 || !feed.isEmpty) {
      alarms.set('forget', store.clock.now() + 60_000)
      return
    }
    alarms.abandon()
    this.#assembled = undefined
    await this.ctx.storage.deleteAlarm()
    await this.ctx.storage.deleteAll()
  }
}
