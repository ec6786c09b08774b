import type { z } from 'zod'
import type { Logger } from '#shared/log/logger.ts'
import type { Event } from '#shared/protocol/wapi/frames.ts'
import type { PathParameters, ResponseOf } from '#shared/protocol/wapi/operation.ts'
import {
  type JoinResult,
  type RoomEventBody,
  type RoomEventName,
  roomEvents,
  type RoomOperationName,
  roomOperations,
  type RoomSignalBody,
  type RoomSignalName,
  roomSignals,
} from '#shared/protocol/wapi/room.ts'
import { Emitter } from '../kit/Emitter.ts'
import type { RingwayError } from '../RingwayError.ts'
import type { SocketFactory } from '../session/sockets.ts'
import { EventSequence } from '../signaling/EventSequence.ts'
import type { BoundRequest, RequestInput, SignalingSocket, SocketEndReason } from '../signaling/SignalingSocket.ts'

type RoomOperations = typeof roomOperations

/** Asks something of the room; the room's id is filled in. */
export type RoomRequest = <Name extends RoomOperationName>(
  name: Name,
  params: PathParameters,
  body: RequestInput<RoomOperations[Name]>,
) => Promise<ResponseOf<RoomOperations[Name]>>

export type NamedEvent = { [Name in RoomEventName]: { readonly name: Name; readonly body: RoomEventBody<Name> } }[RoomEventName]
export type NamedSignal = { [Name in RoomSignalName]: { readonly name: Name; readonly body: RoomSignalBody<Name> } }[RoomSignalName]

export interface RoomConnectionEvents {
  /** Whether the room can be talked to now. */
  online: boolean
  /** In the room, or back in it. `snapshot` replaces what was known; null where missed events follow. */
  joined: { readonly result: JoinResult; readonly snapshot: JoinResult['snapshot'] | null }
  /** A rung device may negotiate; again, with another participant id, after each lost connection. */
  prepared: { readonly participantId: string; readonly mediaEpoch: number }
  event: NamedEvent
  signal: NamedSignal
  /** Not emitted for `close()`. */
  ended: { readonly reason: SocketEndReason; readonly error: RingwayError | null }
}

/**
 * What the first message on a new connection must be:
 *
 *   new ──create, join──► entering ──answered──► joined
 *    └──prepare──► prepared ──accept──► entering
 */
type Phase = { readonly phase: 'new' | 'entering' | 'joined' } | { readonly phase: 'prepared'; readonly inviteId: string }

/** This device's connection to one room: comes in, stays in, and puts the room's events in order. */
export class RoomConnection {
  readonly #roomId: string
  readonly #sessionId: string
  readonly #logger: Logger
  readonly #emitter: Emitter<RoomConnectionEvents>
  readonly #socket: SignalingSocket
  readonly #sequence = new EventSequence()
  #phase: Phase = { phase: 'new' }
  #ticket: string | undefined

  constructor(options: { roomId: string; sessionId: string; ticket?: string; sockets: SocketFactory; logger: Logger }) {
    this.#roomId = options.roomId
    this.#sessionId = options.sessionId
    this.#ticket = options.ticket
    this.#logger = options.logger
    this.#emitter = new Emitter(options.logger)
    this.#socket = options.sockets({
      path: `/wapi/rooms/${encodeURIComponent(options.roomId)}`,
      closedCode: 'callEnded',
      logger: options.logger,
      resume: (request) => this.#resume(request),
      ticket: () => this.#ticket,
    })
    this.#socket.on('state', (state) => this.#emitter.emit('online', state === 'open'))
    this.#socket.on('event', (event) => this.#handleFrame(event))
    this.#socket.on('ended', (end) => this.#emitter.emit('ended', end))
    this.#socket.open()
  }

  get on(): Emitter<RoomConnectionEvents>['on'] {
    return this.#emitter.on
  }

  /** Creates the room and rings. Requests made in the same turn follow it at once. */
  async create(body: Omit<RequestInput<RoomOperations['createRoom']>, 'sessionId'>): Promise<ResponseOf<RoomOperations['createRoom']>> {
    const created = await this.#enter('createRoom', {}, { ...body, sessionId: this.#sessionId })
    this.#entered(created.join)
    return created
  }

  /** Comes in without being rung, or back after a reload. */
  async join(): Promise<JoinResult> {
    const result = await this.#enter('join', {}, { sessionId: this.#sessionId })
    this.#entered(result)
    return result
  }

  /** Comes as a rung device that has not answered yet; `prepared` follows. */
  prepare(inviteId: string): void {
    this.#phase = { phase: 'prepared', inviteId }
  }

  async accept(inviteId: string): Promise<JoinResult> {
    const result = await this.#enter('acceptInvite', { inviteId }, { sessionId: this.#sessionId, answer: 'accept' })
    this.#entered(result)
    return result
  }

  readonly request: RoomRequest = (name, params, body) =>
    this.#socket.request(roomOperations[name], { roomId: this.#roomId, ...params }, body)

  wake(): void {
    this.#socket.wake()
  }

  /** Idempotent. */
  close(): void {
    this.#emitter.clear()
    this.#socket.close()
  }

  readonly #enter: RoomRequest = (name, params, body) => {
    this.#phase = { phase: 'entering' }
    return this.#socket.request(roomOperations[name], { roomId: this.#roomId, ...params }, body, { first: true })
  }

  #resume(request: BoundRequest): Promise<void> | null {
    if (this.#phase.phase === 'prepared') void this.#prepare(request, this.#phase.inviteId)
    if (this.#phase.phase === 'joined') return this.#rejoin(request)
    // The request that enters, if it is not that one, is the first of those that wait.
    return null
  }

  /** What follows need not wait for the answer: the server takes it up when the device is in. */
  async #prepare(request: BoundRequest, inviteId: string): Promise<void> {
    try {
      this.#emitter.emit(
        'prepared',
        await request(roomOperations.prepare, { roomId: this.#roomId, inviteId }, { sessionId: this.#sessionId }),
      )
    } catch (error) {
      // The hub tells when it rings no more, and an accept is answered for itself.
      this.#logger.info('room.notPrepared', { error })
    }
  }

  async #rejoin(request: BoundRequest): Promise<void> {
    const lastSeq = this.#sequence.last
    const body = { sessionId: this.#sessionId, ...(lastSeq === null ? {} : { lastSeq }) }
    this.#entered(await request(roomOperations.join, { roomId: this.#roomId }, body))
  }

  #entered(result: JoinResult): void {
    this.#phase = { phase: 'joined' }
    this.#ticket = result.ticket
    if (result.resumed && this.#sequence.last !== null) {
      this.#emitter.emit('joined', { result, snapshot: null })
      return
    }
    const due = this.#sequence.start(result.snapshot.seq)
    this.#emitter.emit('joined', { result, snapshot: result.snapshot })
    for (const event of due) this.#apply(event)
  }

  #handleFrame(event: Event): void {
    const { seq } = event
    if (seq === undefined) return this.#signal(event)
    for (const due of this.#sequence.offer({ ...event, seq })) this.#apply(due)
    if (this.#sequence.hasGap) this.#socket.resync()
  }

  #apply(event: Event): void {
    const parsed = parseNamed(roomEvents, event)
    if (parsed !== undefined) this.#emitter.emit('event', parsed)
    else this.#logger.warn('room.unreadableEvent', { name: event.event })
  }

  #signal(event: Event): void {
    const parsed = parseNamed(roomSignals, event)
    if (parsed !== undefined) this.#emitter.emit('signal', parsed)
    else this.#logger.warn('room.unreadableSignal', { name: event.event })
  }
}

type Named<Schemas extends Readonly<Record<string, z.ZodType>>> = {
  [Name in keyof Schemas]: { readonly name: Name; readonly body: z.infer<Schemas[Name]> }
}[keyof Schemas]

/** Undefined for a name that this version does not know, or a body that is not of its shape. */
function parseNamed<Schemas extends Readonly<Record<string, z.ZodType>>>(schemas: Schemas, event: Event): Named<Schemas> | undefined {
  if (!Object.hasOwn(schemas, event.event)) return undefined
  const parsed = schemas[event.event]?.safeParse(event.body)
  if (parsed?.success !== true) return undefined
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the schema of this very name has parsed the body.
  return { name: event.event, body: parsed.data } as Named<Schemas>
}
