import { AppError } from '#shared/errors/AppError.ts'
import type { Request as WapiRequest } from '#shared/protocol/wapi/frames.ts'
import { matchOperation, type RequestOf } from '#shared/protocol/wapi/operation.ts'
import { roomOperations, type RoomOperationName } from '#shared/protocol/wapi/room.ts'
import type { Answer } from '#edge/objects/kit/AnswerLog.ts'
import type { ClientConnection } from '#edge/objects/kit/ClientConnection.ts'
import * as invites from './invite-handlers.ts'
import * as mediaHandlers from './media-handlers.ts'
import * as membership from './membership-handlers.ts'
import { entryOf, type RoomCall, type RoomContext } from './room-context.ts'

type Operations = typeof roomOperations
type Handler<Name extends RoomOperationName> = (context: RoomContext, call: RoomCall<RequestOf<Operations[Name]>>) => Promise<unknown>
type Handlers = { readonly [Name in Exclude<RoomOperationName, 'createRoom'>]: Handler<Name> }

const handlers: Handlers = {
  join: membership.join,
  getRoom: membership.getRoom,
  updateRoom: membership.updateRoom,
  endRoom: membership.endRoom,
  removeParticipant: membership.removeParticipant,
  muteParticipant: membership.muteParticipant,
  invite: invites.invite,
  cancelInvite: invites.cancelInvite,
  prepare: invites.prepare,
  acceptInvite: invites.acceptInvite,
  declineInvite: invites.declineInvite,
  openMedia: mediaHandlers.openMedia,
  declareCapabilities: mediaHandlers.declareCapabilities,
  connectTransport: mediaHandlers.connectTransport,
  restartIce: mediaHandlers.restartIce,
  reportFailure: mediaHandlers.reportFailure,
  publish: mediaHandlers.publish,
  updatePublication: mediaHandlers.updatePublication,
  unpublish: mediaHandlers.unpublish,
  subscribe: mediaHandlers.subscribe,
  updateSubscription: mediaHandlers.updateSubscription,
  unsubscribe: mediaHandlers.unsubscribe,
}

/** Operations whose repetition would do something again or be refused; the others are idempotent by themselves. */
const answeredOnce: ReadonlySet<RoomOperationName> = new Set([
  'updateRoom',
  'endRoom',
  'removeParticipant',
  'muteParticipant',
  'invite',
  'cancelInvite',
  'declineInvite',
])

/** Operations that bring the connection into the room: what a client sends right behind them waits for them. */
const entrances: ReadonlySet<RoomOperationName> = new Set(['join', 'prepare', 'acceptInvite'])

/** Takes a request apart, checks it once, and gives it to its handler. */
export class RequestRouter {
  readonly #context: RoomContext
  /** By connection, while an entrance is under way. */
  readonly #entering = new Map<string, Promise<unknown>>()

  constructor(context: RoomContext) {
    this.#context = context
  }

  async answer(connection: ClientConnection, request: WapiRequest): Promise<Answer> {
    const { name, params } = matchOperation(roomOperations, request)
    if (params['roomId'] !== undefined && params['roomId'] !== entryOf(connection).roomId) throw new AppError('roomNotFound')
    const body: unknown = roomOperations[name].request.parse(request.body)
    if (name === 'createRoom') return this.#create({ connection, params, body }, request.id)
    if (entrances.has(name)) return this.#enter(connection, this.#run(name, { connection, params, body }))
    await this.#entering.get(connection.connectionId)
    if (!answeredOnce.has(name) || connection.sessionId === null) return this.#run(name, { connection, params, body })
    const key = { sessionId: connection.sessionId, id: request.id }
    return this.#context.answers.once(key, () => this.#run(name, { connection, params, body }))
  }

  async #run(name: keyof Handlers, call: RoomCall<unknown>): Promise<Answer> {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- The schema of this very operation has parsed the body; a generic name cannot show it to the compiler.
    const handler = handlers[name] as (context: RoomContext, call: RoomCall<unknown>) => Promise<unknown>
    return { status: 200, body: await handler(this.#context, call) }
  }

  /** The room is entered first, so that media can be negotiated while the callees are still being looked for. */
  async #create(call: RoomCall<unknown>, id: string): Promise<Answer> {
    const body = roomOperations.createRoom.request.parse(call.body)
    const typed = { ...call, body }
    const entered = membership.createAndEnter(this.#context, typed)
    void this.#enter(call.connection, entered).catch(() => undefined)
    const join = await entered
    const key = { sessionId: body.sessionId, id }
    const placed = await this.#context.answers.once(key, async () => ({
      status: 200,
      body: await membership.placeInvites(this.#context, typed),
    }))
    return { status: 201, body: { join, invites: placed.body } }
  }

  async #enter<Outcome>(connection: ClientConnection, entrance: Promise<Outcome>): Promise<Outcome> {
    const { connectionId } = connection
    // Those who wait get their own refusal if the entrance fails.
    const settled = entrance.then(
      () => undefined,
      () => undefined,
    )
    this.#entering.set(connectionId, settled)
    try {
      return await entrance
    } finally {
      if (this.#entering.get(connectionId) === settled) this.#entering.delete(connectionId)
    }
  }
}
