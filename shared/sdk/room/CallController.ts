import type { Logger } from '#shared/log/logger.ts'
import type { JoinResult, RoomKind } from '#shared/protocol/wapi/room.ts'
import type { Clock } from '#shared/time/clock.ts'
import type {
  Call,
  CallEndReason,
  CallEvents,
  CallState,
  CallStats,
  MicrophoneOptions,
  OutgoingInvite,
  RefusedInvite,
  VideoOptions,
} from '../api/call.ts'
import { Emitter } from '../kit/Emitter.ts'
import { sleep } from '../kit/sleep.ts'
import type { MediaEngine } from '../media/MediaEngine.ts'
import { RingwayError } from '../RingwayError.ts'
import type { Memory } from '../session/Memory.ts'
import type { SocketEndReason } from '../signaling/SignalingSocket.ts'
import { CallMedia } from './CallMedia.ts'
import type { callMemorySchema } from './CallMemory.ts'
import { CallModel, outgoingInviteOf } from './CallModel.ts'
import { callStatsOf } from './call-stats.ts'
import { comeIn, type ComingIn } from './come-in.ts'
import { type EntryMedia, entryMediaOf, intentsOf, offeredMediaOf, sourcesOf } from './entry-media.ts'
import { ParticipantModel } from './ParticipantModel.ts'
import type { RoomConnection } from './RoomConnection.ts'
import { applyEvent, applySignal, type RoomFeed } from './room-feed.ts'
import { LocalTrackModel } from './tracks.ts'

/** A hang-up waits this long for the room's word; without it the room notices the lost connection. */
const leavePatience = 2_000

export interface CallOptionsInside {
  readonly roomId: string
  readonly connection: RoomConnection
  /** Null: signaling only. */
  readonly engine: MediaEngine | null
  readonly user: { readonly username: string; readonly displayName?: string }
  readonly memory: Memory<typeof callMemorySchema>
  readonly clock: Clock
  readonly logger: Logger
  /** Called once, when the application may see the call. */
  show(call: CallController): void
}

/** One call of this device: puts together its connection, its model and its media. */
export class CallController implements Call {
  readonly id: string
  readonly #options: CallOptionsInside
  readonly #connection: RoomConnection
  readonly #emitter: Emitter<CallEvents>
  readonly #model: CallModel
  readonly #media: CallMedia | null
  readonly #feed: RoomFeed
  #state: CallState = 'connecting'
  #endReason: CallEndReason | null = null
  #online = false
  /** The participant (or candidate) that the room knows us as. */
  #participantId: string | null = null
  #entered = false
  #simulcast = false
  #refused: RefusedInvite[] = []

  constructor(options: CallOptionsInside) {
    this.id = options.roomId
    this.#options = options
    this.#connection = options.connection
    this.#emitter = new Emitter(options.logger)
    this.#media =
      options.engine === null
        ? null
        : new CallMedia({ engine: options.engine, request: options.connection.request, logger: options.logger })
    this.#model = new CallModel({
      me: new ParticipantModel({ isMe: true, ...options.user }),
      output: this.#emitter,
      controls: {
        setEnabled: async (publicationId, enabled) => this.#media?.setEnabled(publicationId, enabled),
        setPreferredLayers: async (publicationId, layers) => this.#media?.setPreferredLayers(publicationId, layers),
      },
    })
    this.#feed = {
      model: this.#model,
      media: this.#media,
      isMe: (participantId) => participantId === this.#participantId,
      ended: (reason) => this.#finish(reason),
      moved: (...moved) => this.#handleMoved(...moved),
      report: (error) => this.#report(error),
    }
    this.#listen()
  }

  get on(): Emitter<CallEvents>['on'] {
    return this.#emitter.on
  }

  /** The room has taken us in, now or before. */
  get entered(): boolean {
    return this.#entered
  }

  get callId(): string {
    return this.#model.callId
  }

  get kind(): RoomKind {
    return this.#model.kind
  }

  get state(): CallState {
    return this.#state
  }

  get endReason(): CallEndReason | null {
    return this.#endReason
  }

  get locked(): boolean {
    return this.#model.locked
  }

  get isOwner(): boolean {
    return this.#model.me.owner
  }

  get me(): ParticipantModel {
    return this.#model.me
  }

  get participants(): ReadonlyMap<string, ParticipantModel> {
    return this.#model.participants
  }

  get outgoingInvites(): ReadonlyMap<string, OutgoingInvite> {
    return this.#model.invites
  }

  get refusedInvites(): readonly RefusedInvite[] {
    return this.#refused
  }

  get startedAt(): number | null {
    return this.#model.startedAt
  }

  /** Creates the room and rings. Devices, room and transports are all on their way at once. */
  create(request: { to: readonly string[]; media: EntryMedia }): Promise<this> {
    return this.#comeIn(request.media, async (start) => {
      const media = offeredMediaOf(request.media)
      const created = this.#connection.create({ kind: 'call', invites: request.to.map((to) => ({ to, media })) })
      start({})
      const { invites } = await created
      this.#refused = invites.flatMap((outcome, index) => {
        const to = request.to[index]
        return 'error' in outcome && to !== undefined ? [{ to, error: new RingwayError(outcome.error) }] : []
      })
      const [first] = this.#refused
      if (first !== undefined && this.#refused.length === request.to.length) throw first.error
    })
  }

  /** Comes in without being rung. */
  join(request: { media: EntryMedia }): Promise<this> {
    if (this.#options.memory.read() !== null) return this.rejoin()
    return this.#comeIn(request.media, async (start) => {
      const joined = this.#connection.join()
      start({})
      await joined
    })
  }

  /** Comes back after a reload: as the same participant, on new transports, publishing what it published before. */
  rejoin(): Promise<this> {
    const memory = this.#options.memory.read()
    const media = memory ?? entryMediaOf({ audio: this.#media !== null })
    return this.#comeIn(
      media,
      async (start) => {
        const { mediaEpoch, participantId, snapshot } = await this.#connection.join()
        start({ lostEpoch: mediaEpoch })
        const wanted = sourcesOf(media)
        for (const { participantId: publisher, source } of snapshot.publications) {
          // What only the user can share again, such as a screen, is no longer there.
          if (publisher === participantId && !wanted.includes(source)) this.#media?.withdraw(source)
        }
      },
      { needsMicrophone: false },
    )
  }

  /** Connects as a rung device and prepares transports. */
  prepare(inviteId: string): void {
    this.#connection.prepare(inviteId)
    this.#media?.start()
  }

  accept(inviteId: string, request: { media: EntryMedia }): Promise<this> {
    return this.#comeIn(request.media, async (start) => {
      const accepted = this.#connection.accept(inviteId)
      start({})
      await accepted
    })
  }

  async invite(to: string, options: { video?: boolean } = {}): Promise<OutgoingInvite> {
    const media = { audio: true, video: options.video ?? this.#model.me.tracks.has('camera') }
    const invite = outgoingInviteOf(await this.#connection.request('invite', {}, { to, media }))
    return this.#model.invites.get(invite.id) ?? invite
  }

  async cancelInvite(inviteId: string): Promise<void> {
    await this.#connection.request('cancelInvite', { inviteId }, undefined)
  }

  async setMicrophone(microphone: boolean | MicrophoneOptions): Promise<void> {
    const media = this.#mediaOrThrow()
    if (microphone === false) return media.close('microphone')
    if (microphone === true && media.publications.has('microphone')) return
    await media.open({ source: 'microphone', ...(microphone === true ? {} : microphone) }, { simulcast: false })
  }

  async mute(): Promise<void> {
    await this.#media?.setPaused('microphone', true)
  }

  async unmute(): Promise<void> {
    if (this.#media?.publications.has('microphone') === true) await this.#media.setPaused('microphone', false)
    else await this.setMicrophone(true)
  }

  async setCamera(camera: boolean | VideoOptions): Promise<void> {
    const media = this.#mediaOrThrow()
    if (camera === false) return media.close('camera')
    if (camera === true && media.publications.has('camera')) return media.setPaused('camera', false)
    await media.open({ source: 'camera', ...(camera === true ? {} : camera) }, { simulcast: this.#simulcast })
  }

  async startScreenShare(): Promise<void> {
    await this.#mediaOrThrow().open({ source: 'screen' }, { simulcast: false })
  }

  async stopScreenShare(): Promise<void> {
    await this.#media?.close('screen')
  }

  async muteParticipant(participantId: string): Promise<void> {
    await this.#connection.request('muteParticipant', { participantId }, { muted: true })
  }

  async kick(participantId: string): Promise<void> {
    await this.#connection.request('removeParticipant', { participantId }, undefined)
  }

  async lock(): Promise<void> {
    await this.#connection.request('updateRoom', {}, { locked: true })
  }

  async unlock(): Promise<void> {
    await this.#connection.request('updateRoom', {}, { locked: false })
  }

  async end(): Promise<void> {
    await this.#connection.request('endRoom', {}, undefined)
  }

  async leave(): Promise<void> {
    if (this.#state === 'ended') return
    const told = this.#connection.request('removeParticipant', { participantId: 'me' }, undefined)
    const left = told.catch((error: unknown) => this.#options.logger.info('call.leaveUnanswered', { error }))
    this.#finish('left', { keepConnection: true })
    await Promise.race([left, sleep(leavePatience)])
    this.#connection.close()
  }

  async getStats(): Promise<CallStats> {
    const stats = (await this.#media?.getStats()) ?? null
    return callStatsOf(stats, { me: this.#model.me, participants: this.#model.participants.values() }, this.#options.clock.now())
  }

  wake(): void {
    this.#connection.wake()
  }

  /** Ends it here without a word to the room, which may take this session back later. Idempotent. */
  abandon(reason: CallEndReason, options: { keepMemory?: boolean } = {}): void {
    this.#finish(reason, options)
  }

  async #comeIn(media: EntryMedia, enter: ComingIn['enter'], options = { needsMicrophone: true }): Promise<this> {
    this.#simulcast = media.simulcast
    try {
      await comeIn(media, {
        engine: this.#options.engine,
        media: this.#media,
        enter: (start) => enter(start).then(() => this.#options.show(this)),
        report: (error) => this.#report(error),
        ...options,
      })
      return this
    } catch (error) {
      await this.leave()
      throw error
    }
  }

  #listen(): void {
    const connection = this.#connection
    connection.on('online', (online) => {
      this.#online = online
      this.#updateState()
    })
    connection.on('prepared', ({ participantId }) => this.#handlePrepared(participantId))
    connection.on('joined', ({ result, snapshot }) => this.#handleJoined(result, { snapshot: snapshot !== null }))
    // A hang-up keeps the connection until it is answered; what else still comes is about a call that is over.
    connection.on('event', (event) => {
      if (this.#state !== 'ended') applyEvent(event, this.#feed)
      this.#updateState()
    })
    connection.on('signal', (signal) => this.#state !== 'ended' && applySignal(signal, this.#feed))
    connection.on('ended', ({ reason, error }) => this.#finish(endReasonOf(reason, error)))
    const media = this.#media
    media?.on('remote', ({ publicationId, track }) => this.#model.handleMedia(publicationId, track))
    media?.on('local', ({ source, media: local, paused }) => {
      const { track, deviceId } = local ?? { track: null, deviceId: null }
      this.#model.setLocalTrack(source, new LocalTrackModel({ source, muted: paused, mediaTrack: track, deviceId }))
    })
    media?.on('localEnded', (source) => this.#model.setLocalTrack(source, null))
    media?.on('localMuted', ({ source, muted }) => this.#model.setLocalMuted(source, muted))
    media?.on('intents', () => this.#remember())
    media?.on('moved', () => this.#emitter.emit('mediaMoved', { participants: [this.#model.me], me: true, finished: true }))
    media?.on('error', (error) => this.#report(error))
  }

  #handlePrepared(participantId: string): void {
    const before = this.#participantId
    this.#participantId = participantId
    if (before !== null && before !== participantId) this.#media?.handleNewCandidate()
  }

  #handleJoined(result: JoinResult, how: { snapshot: boolean }): void {
    const before = this.#participantId
    const again = this.#entered
    const newParticipant = before !== null && before !== result.participantId
    this.#participantId = result.participantId
    if (how.snapshot) this.#model.handleSnapshot(result.snapshot, result.participantId)
    this.#media?.handleJoined(result, { ...how, again, newParticipant })
    this.#entered = true
    this.#updateState()
    if (!again) this.#remember()
  }

  #handleMoved(moved: readonly { participantId: string; mediaEpoch: number }[], options: { dead: boolean }): void {
    const mine = moved.find(({ participantId }) => participantId === this.#participantId)
    // After a reload we are told of the move that we asked for ourselves, when it is behind us already.
    const moving = mine !== undefined && this.#media?.handleMoved(mine.mediaEpoch, options) === true
    const participants = moved.map(({ participantId }) => this.#model.participants.get(participantId)).filter((one) => one !== undefined)
    this.#emitter.emit('mediaMoved', { participants, me: moving, finished: false })
  }

  #updateState(): void {
    if (this.#state === 'ended') return
    const state = this.#currentState()
    if (state === this.#state) return
    this.#state = state
    this.#emitter.emit('state', state)
  }

  #currentState(): CallState {
    if (!this.#entered) return 'connecting'
    if (!this.#online) return 'reconnecting'
    const alone = this.#model.participants.size < 2
    return alone && this.#model.kind === 'call' && this.#model.startedAt === null ? 'ringing' : 'active'
  }

  #finish(reason: CallEndReason, options: { keepConnection?: boolean; keepMemory?: boolean } = {}): void {
    if (this.#state === 'ended') return
    this.#state = 'ended'
    this.#endReason = reason
    this.#media?.end()
    if (options.keepConnection !== true) this.#connection.close()
    if (options.keepMemory !== true) this.#options.memory.clear()
    this.#options.logger.info('call.ended', { roomId: this.id, reason })
    this.#emitter.emit('state', 'ended')
    this.#emitter.emit('ended', reason)
  }

  #remember(): void {
    if (this.#entered && this.#state !== 'ended' && this.#media !== null) {
      this.#options.memory.write(intentsOf(this.#media.publications, { simulcast: this.#simulcast }))
    }
  }

  #report(error: unknown): void {
    this.#emitter.emit('error', error instanceof RingwayError ? error : RingwayError.ofDevice('mediaNotSupported', { cause: error }))
  }

  #mediaOrThrow(): CallMedia {
    if (this.#state === 'ended') throw RingwayError.ofDevice('callEnded')
    if (this.#media === null) throw RingwayError.ofDevice('mediaNotSupported')
    return this.#media
  }
}

function endReasonOf(reason: SocketEndReason, error: RingwayError | null): CallEndReason {
  if (reason === 'ended') return 'ended'
  if (reason === 'replaced') return 'replaced'
  if (reason === 'unauthenticated' || reason === 'forbidden') return 'revoked'
  if (error?.code === 'roomEnded') return 'ended'
  // The room did not wait for us any longer.
  if (error?.code === 'roomNotFound' || error?.code === 'notParticipant') return 'connectionLost'
  return 'failed'
}
