import { DurableObject } from 'cloudflare:workers'
import { AppError } from '#shared/errors/AppError.ts'
import type { Settings } from '#shared/protocol/settings.ts'
import { closeCodes } from '#shared/protocol/close-codes.ts'
import type { IncomingInvite, InviteEndReason } from '#shared/protocol/wapi/hub.ts'
import type { Logger } from '#shared/log/logger.ts'
import { type Clock, systemClock } from '#shared/time/clock.ts'
import { newId } from '#shared/ids/ids.ts'
import { tokenService } from '#edge/auth/tokens.ts'
import { database } from '#edge/db/d1/database.ts'
import { returnLoan } from '#edge/db/d1/ims-loans.ts'
import { fromHeader, hubPolicySchema, policyHeader } from '#edge/domain/forwarding.ts'
import { enterRoom, type EnterRoomRequest, leaveRoom } from '#edge/domain/hub/calls.ts'
import { endInvite, ring } from '#edge/domain/hub/invites.ts'
import { beginLoan, endLoan } from '#edge/domain/hub/loans.ts'
import { endSession, findSession, isForgettable, isRevoked, revoke, sessionLost } from '#edge/domain/hub/sessions.ts'
import { defaultTiming } from '#edge/domain/hub/state.ts'
import { descriptionsOf, type SessionDescription } from '#edge/domain/hub/views.ts'
import type { Identity } from '#edge/domain/identity.ts'
import type { RingOutcome, RoomAddress, UserAddress, UserHubPort } from '#edge/domain/ports.ts'
import type { Env } from '#edge/env.ts'
import { directory } from '#edge/services/directory.ts'
import { hookTargets } from '#edge/services/hook-targets.ts'
import { loggerOf } from '#edge/services/logger.ts'
import { HubRequests } from './hub/HubRequests.ts'
import { HubStore, type SessionEvent } from './hub/HubStore.ts'
import { outboxPayloads } from './hub/outbox-messages.ts'
import { AlarmSchedule } from './kit/AlarmSchedule.ts'
import { AnswerLog } from './kit/AnswerLog.ts'
import { EventFeed } from './kit/EventFeed.ts'
import type { JsonObject } from './kit/ClientConnection.ts'
import { ClientConnections } from './kit/ClientConnections.ts'
import { Outbox } from './kit/Outbox.ts'
import { room } from '#edge/services/stubs.ts'

/** Clients send a keep-alive each 10 s; the check wakes the object, so it is rare. */
const clientSilence = { limit: 60_000, every: 120_000 }
/** How long a hub without anything worth keeping waits before it goes. */
const forgetAfter = 5_000

/** One user: the sessions of its devices, what rings them, and the calls they are in. Wires the pieces in `hub/` together. */
export class UserHub extends DurableObject<Env> implements UserHubPort {
  /** Undefined once the hub has been forgotten, until it is needed again: its parts make their tables. */
  #assembled: ReturnType<UserHub['assemble']> | undefined

  readonly #clock: Clock
  readonly #logger: Logger

  constructor(ctx: DurableObjectState, env: Env, options: { clock?: Clock; logger?: Logger } = {}) {
    super(ctx, env)
    this.#clock = options.clock ?? systemClock
    this.#logger = options.logger ?? loggerOf(env, { component: 'hub' })
    this.#noticeLostSessions()
  }

  override fetch(request: Request): Promise<Response> {
    return this.#parts.connections.fetch(request)
  }

  override async webSocketMessage(socket: WebSocket, data: string | ArrayBuffer): Promise<void> {
    await this.#parts.connections.webSocketMessage(socket, data)
  }

  override async webSocketClose(socket: WebSocket, code: number, reason: string, wasClean: boolean): Promise<void> {
    await this.#parts.connections.webSocketClose(socket, code, reason, wasClean)
  }

  override async webSocketError(socket: WebSocket, error: unknown): Promise<void> {
    await this.#parts.connections.webSocketError(socket, error)
  }

  override async alarm(): Promise<void> {
    await this.#parts.alarms.run()
    if (this.#assembled !== undefined) this.#forgetSoon()
  }

  async ring(request: {
    invite: IncomingInvite
    room: RoomAddress
    user: UserAddress
    settings: Settings['invites']
  }): Promise<RingOutcome> {
    const { store, logger } = this.#parts
    const { outcome, change } = ring(store.state, request, store.clock.now())
    store.apply(change)
    logger.info('hub.rung', { inviteId: request.invite.inviteId, outcome, sessions: store.state.sessions.length })
    this.#forgetSoon()
    return outcome
  }

  async endInvite(request: { inviteId: string; roomId: string; reason: InviteEndReason; exceptSessionId?: string }): Promise<void> {
    const { store } = this.#parts
    store.apply(endInvite(store.state, request))
    this.#forgetSoon()
  }

  async enterRoom(request: EnterRoomRequest): Promise<'entered' | 'inACall'> {
    const { store } = this.#parts
    const { outcome, change } = enterRoom(store.state, request, store.clock.now())
    store.apply(change)
    return outcome
  }

  async leaveRoom(request: { roomId: string; sessionId: string }): Promise<void> {
    const { store } = this.#parts
    store.apply(leaveRoom(store.state, request))
    this.#forgetSoon()
  }

  async revoke(request: { loginId: string | null }): Promise<void> {
    const { store, connections, logger } = this.#parts
    const { loginId } = request
    const revoked = connections.all().filter(({ identity }) => loginId === null || identity.loginId === loginId)
    store.apply(revoke(store.state, loginId, store.clock.now()))
    for (const connection of revoked) connection.close(closeCodes.unauthenticated, 'The login was revoked')
    logger.info('hub.revoked', { connections: revoked.length })
    this.#forgetSoon()
  }

  /** The sessions as they are now. */
  async describe(): Promise<SessionDescription[]> {
    const { store } = this.#parts
    this.#forgetSoon()
    return descriptionsOf(store.state)
  }

  /** Ends one session, here and in its calls; its login may open another. False: there is none. */
  async endSession({ sessionId }: { sessionId: string }): Promise<boolean> {
    const { store, connections, logger } = this.#parts
    const found = findSession(store.state, sessionId) !== undefined
    store.apply(endSession(store.state, sessionId, store.clock.now()))
    connections.find(sessionId)?.close(closeCodes.ended, 'The session was ended')
    if (found) logger.info('hub.sessionEnded', { sessionId })
    this.#forgetSoon()
    return found
  }

  /** Names the loan of the account that this visitor borrows; null while it has no session. */
  async beginLoan(): Promise<string | null> {
    const { store } = this.#parts
    const { loanId, change } = beginLoan(store.state, newId())
    store.apply(change)
    this.#forgetSoon()
    return loanId
  }

  async endLoan(): Promise<void> {
    const { store } = this.#parts
    store.apply(endLoan(store.state))
    this.#forgetSoon()
  }

  /** All that one life of the object consists of. */
  protected assemble() {
    const { ctx, env } = this
    const clock = this.#clock
    const logger = this.#logger
    const alarms = new AlarmSchedule(ctx, { clock, logger })
    const answers = new AnswerLog(ctx)
    const outbox = new Outbox(ctx, { alarms, clock, logger })
    const feed = new EventFeed(ctx, { alarms, clock, logger, targets: hookTargets(env), newId })
    outbox.on('answerInvite', {
      payload: outboxPayloads.answerInvite,
      deliver: ({ payload }) =>
        room(env, payload.room).inviteAnswered({ inviteId: payload.inviteId, userId: this.#userId, answer: payload.answer }),
    })
    outbox.on('revokeInRoom', {
      payload: outboxPayloads.revokeInRoom,
      deliver: ({ payload: { room: address, ...whose } }) => room(env, address).revokeSession({ userId: this.#userId, ...whose }),
    })
    outbox.on('returnLoan', {
      payload: outboxPayloads.returnLoan,
      deliver: ({ payload }) => returnLoan(database(env.DB), payload.loanId, clock.now()),
    })
    const timing = { sessionTtl: Number(env.RINGWAY_SESSION_TTL ?? defaultTiming.sessionTtl) }
    const store = new HubStore(ctx, { clock, alarms, answers, outbox, feed, timing, onEvents: (events) => this.#send(events) })
    const requests = new HubRequests({
      store,
      answers,
      markHubCreated: (userId) => directory(env).markHubCreated(userId),
      verifyAccessToken: (token) => tokenService(env).verifyAccessToken(token, 'wapi'),
    })
    const connections = new ClientConnections(ctx, {
      logger,
      clock,
      alarms,
      silence: clientSilence,
      onOpen: (request, identity) => this.#admit(request, identity),
      onRequest: (connection, request) => requests.answer(connection, request),
      onClosed: ({ sessionId }) => this.#clientGone(sessionId),
    })
    alarms.on('forget', () => this.#forget())
    return { alarms, answers, outbox, store, connections, logger }
  }

  get #parts(): ReturnType<UserHub['assemble']> {
    return (this.#assembled ??= this.assemble())
  }

  get #userId(): string {
    const { name } = this.ctx.id
    if (name === undefined || !name.startsWith('u:')) throw new TypeError('A hub is reached by its name')
    return name.slice(2)
  }

  #admit(request: Request, identity: Identity): JsonObject {
    if (identity.userId !== this.#userId) throw new TypeError("A request was forwarded to another user's hub")
    if (isRevoked(this.#parts.store.state, identity.loginId)) throw new AppError('tokenRevoked')
    return { policy: fromHeader(request.headers, policyHeader, hubPolicySchema) }
  }

  #send(events: readonly SessionEvent[]): void {
    const { connections, logger } = this.#parts
    for (const { sessionId, event } of events) {
      connections.find(sessionId)?.send(event)
      logger.debug('hub.event', { sessionId, seq: event.seq, event: event.event })
    }
  }

  #clientGone(sessionId: string | null): void {
    const { store } = this.#parts
    if (sessionId !== null) store.apply(sessionLost(store.state, sessionId, store.clock.now()))
    this.#forgetSoon()
  }

  /** After a crash or a deploy no socket tells of its end: sessions without one begin to wait for their devices now. */
  #noticeLostSessions(): void {
    const { store, connections } = this.#parts
    for (const { sessionId, state } of store.state.sessions) {
      if (state === 'online' && connections.find(sessionId) === undefined)
        store.apply(sessionLost(store.state, sessionId, store.clock.now()))
    }
  }

  #forgetSoon(): void {
    const { alarms, store } = this.#parts
    if (isForgettable(store.state) && alarms.at('forget') === undefined) alarms.set('forget', store.clock.now() + forgetAfter)
  }

  async #forget(): Promise<void> {
    const { store, outbox, connections, alarms } = this.#parts
    if (!isForgettable(store.state)) return
    if (outbox.size > 0 || connections.all().length > 0) {
      alarms.set('forget', store.clock.now() + 60_000)
      return
    }
    alarms.abandon()
    this.#assembled = undefined
    await this.ctx.storage.deleteAlarm()
    await this.ctx.storage.deleteAll()
  }
}
