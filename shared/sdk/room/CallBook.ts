import { newId } from '#shared/ids/ids.ts'
import { meetingUri, parseMeetingAddress } from '#shared/protocol/meeting-address.ts'
import type { ActiveCall, HubEventBody, IncomingInvite } from '#shared/protocol/wapi/hub.ts'
import type { Call, CallEndReason } from '../api/call.ts'
import type { CallOptions, ClientEvents, JoinOptions, Session } from '../api/client.ts'
import type { Emitter } from '../kit/Emitter.ts'
import type { Environment } from '../session/Environment.ts'
import { Memory } from '../session/Memory.ts'
import type { SocketFactory } from '../session/sockets.ts'
import { CallController } from './CallController.ts'
import { callMemorySchema } from './CallMemory.ts'
import { entryMediaOf } from './entry-media.ts'
import { IncomingCallController } from './IncomingCallController.ts'
import { RoomConnection } from './RoomConnection.ts'

/** The calls of one session, and what rings on it. */
export class CallBook {
  readonly calls = new Map<string, Call>()
  readonly invites = new Map<string, IncomingCallController>()
  readonly #environment: Environment
  readonly #sockets: SocketFactory
  readonly #session: Session
  readonly #output: Emitter<ClientEvents>
  readonly #decline: (inviteId: string) => Promise<void>
  /** Every call there is, shown to the application or not yet. */
  readonly #controllers = new Set<CallController>()

  constructor(options: {
    environment: Environment
    sockets: SocketFactory
    session: Session
    output: Emitter<ClientEvents>
    decline: (inviteId: string) => Promise<void>
  }) {
    this.#environment = options.environment
    this.#sockets = options.sockets
    this.#session = options.session
    this.#output = options.output
    this.#decline = options.decline
  }

  call(options: CallOptions): Promise<Call> {
    const to = typeof options.to === 'string' ? [options.to] : options.to
    return this.#make({ roomId: newId() }).create({ to, media: entryMediaOf(options) })
  }

  async join(address: string, options: JoinOptions): Promise<Call> {
    const room = roomAt(address)
    return this.calls.get(room.roomId) ?? this.#make(room).join({ media: entryMediaOf(options) })
  }

  /** Goes back into calls that this session was in before a reload. One that is over by now is left out. */
  async rejoin(active: readonly ActiveCall[]): Promise<void> {
    const mine = active.filter(({ sessionId }) => sessionId === this.#session.sessionId)
    const returned = mine.map(async ({ roomId, ticket }) => {
      try {
        await this.#make({ roomId, ticket }).rejoin()
      } catch (error) {
        this.#environment.logger.info('call.notRejoined', { roomId, error })
      }
    })
    await Promise.all(returned)
  }

  handleInvite(invite: IncomingInvite): void {
    if (this.invites.has(invite.inviteId)) return
    const incoming: IncomingCallController = new IncomingCallController({
      invite,
      connect: () => this.#make({ roomId: invite.roomId, ticket: invite.ticket }),
      decline: this.#decline,
      ended: (reason) => {
        this.invites.delete(invite.inviteId)
        this.#output.emit('incomingEnded', { invite: incoming, reason })
      },
      logger: this.#environment.logger,
    })
    this.invites.set(invite.inviteId, incoming)
    this.#output.emit('incoming', incoming)
  }

  handleInviteEnded({ inviteId, reason }: HubEventBody<'inviteEnded'>): void {
    this.invites.get(inviteId)?.handleEnded(reason)
  }

  /** What rings now, all of it. */
  handleInvites(invites: readonly IncomingInvite[]): void {
    for (const incoming of [...this.invites.values()]) {
      if (!invites.some(({ inviteId }) => inviteId === incoming.id)) incoming.handleEnded('cancelled')
    }
    for (const invite of invites) this.handleInvite(invite)
  }

  wake(): void {
    for (const controller of this.#controllers) controller.wake()
  }

  async leaveAll(): Promise<void> {
    await Promise.all([...this.#controllers].map((controller) => controller.leave()))
  }

  /** Ends everything here, without a word to the rooms. */
  abandonAll(reason: CallEndReason, options: { keepMemory: boolean }): void {
    for (const controller of [...this.#controllers]) controller.abandon(reason, options)
    for (const incoming of [...this.invites.values()]) incoming.handleEnded('cancelled')
  }

  #make(room: { roomId: string; ticket?: string }): CallController {
    const { roomId } = room
    const { engine, storage, keyPrefix, clock } = this.#environment
    const { sessionId, user } = this.#session
    const logger = this.#environment.logger.child({ roomId, sessionId })
    engine?.preload?.()
    const controller = new CallController({
      roomId,
      connection: new RoomConnection({ ...room, sessionId, sockets: this.#sockets, logger }),
      engine,
      user,
      memory: new Memory({ storage, key: `${keyPrefix}call:${roomId}`, schema: callMemorySchema }),
      clock,
      logger,
      show: (call) => {
        this.calls.set(roomId, call)
        this.#output.emit('call', call)
      },
    })
    this.#controllers.add(controller)
    controller.on('ended', (reason) => {
      this.#controllers.delete(controller)
      if (this.calls.get(roomId) !== controller) return
      this.calls.delete(roomId)
      this.#output.emit('callEnded', { call: controller, reason })
    })
    return controller
  }
}

/** The key of a meeting's link goes where tickets go; once inside, the room's own ticket takes its place. */
function roomAt(address: string): { roomId: string; ticket?: string } {
  const meeting = parseMeetingAddress(address)
  if (meeting?.key === undefined) return { roomId: address }
  return { roomId: meetingUri(meeting.meetingId), ticket: meeting.key }
}
