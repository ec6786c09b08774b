import { AppError } from '#shared/errors/AppError.ts'
import type { RtpCapabilities, Source, Subscription } from '#shared/protocol/media.ts'
import { kindOfSource } from '#shared/protocol/media.ts'
import type { Request } from '#shared/protocol/wapi/frames.ts'
import { matchOperation, type PathParameters } from '#shared/protocol/wapi/operation.ts'
import {
  type InviteView,
  type JoinResult,
  type ParticipantView,
  type PublicationView,
  type RoomEventBody,
  type RoomEventName,
  type RoomOperationName,
  roomOperations,
  type RoomSignalBody,
  type RoomSignalName,
} from '#shared/protocol/wapi/room.ts'
import type { Answer, TestConnection } from './TestConnection.ts'

export type RoomResponder = (request: {
  params: PathParameters
  body: Record<string, unknown>
}) => Answer | undefined | Promise<Answer | undefined>

const routerRtpCapabilities: RtpCapabilities = {
  codecs: [
    { kind: 'audio', mimeType: 'audio/opus', preferredPayloadType: 100, clockRate: 48_000, channels: 2 },
    { kind: 'video', mimeType: 'video/VP8', preferredPayloadType: 101, clockRate: 90_000 },
  ],
}

const transport = {
  kind: 'webrtc',
  iceParameters: { usernameFragment: 'u', password: 'p', iceLite: true },
  iceCandidates: [],
  dtlsParameters: { fingerprints: [{ algorithm: 'sha-256', value: 'AA' }] },
} as const

/** One room as one participant sees it: it keeps what the wire needs, and a test tells it what else happens. */
export class TestRoom {
  readonly roomId: string
  /** Names of the requests received, in order. */
  readonly asked: RoomOperationName[] = []
  readonly requests: { readonly name: RoomOperationName; readonly params: PathParameters; readonly body: Record<string, unknown> }[] = []
  /** What to answer instead of the usual. */
  readonly instead = new Map<RoomOperationName, RoomResponder>()
  /** What `createRoom` says of its invites. */
  inviteOutcomes: unknown[] = []
  participantId = 'me'
  participants: ParticipantView[] = [participant('me', 'alice')]
  publications: PublicationView[] = []
  invites: InviteView[] = []
  mediaEpoch = 1
  seq = 5
  kind: 'call' | 'conference' = 'call'
  connection: TestConnection | undefined
  readonly #log: { readonly seq: number; readonly event: RoomEventName; readonly body: unknown }[] = []

  constructor(roomId: string) {
    this.roomId = roomId
  }

  async respond(request: Request, connection: TestConnection): Promise<Answer | undefined> {
    const { name, params } = matchOperation(roomOperations, request)
    const body = (roomOperations[name].request.parse(request.body) ?? {}) as Record<string, unknown>
    this.connection = connection
    this.asked.push(name)
    this.requests.push({ name, params, body })
    const instead = this.instead.get(name)
    if (instead !== undefined) return instead({ params, body })
    return this.usual(name, body)
  }

  usual(name: RoomOperationName, body: Record<string, unknown>): Answer {
    if (typeof body['mediaEpoch'] === 'number' && body['mediaEpoch'] !== this.mediaEpoch && name !== 'reportFailure')
      throw new AppError('mediaMoved')
    switch (name) {
      case 'createRoom':
        return { status: 201, body: { join: this.joinResult(body), invites: this.inviteOutcomes } }
      case 'join':
      case 'acceptInvite':
        return { body: this.joinResult(body) }
      case 'prepare':
        return { body: { participantId: this.participantId, mediaEpoch: this.mediaEpoch } }
      case 'openMedia':
        return { body: { mediaEpoch: this.mediaEpoch, routerRtpCapabilities, send: transport, recv: transport } }
      case 'declareCapabilities':
        return {
          body: {
            subscriptions: this.publications
              .filter(({ participantId }) => participantId !== this.participantId)
              .map((one) => this.subscription(one)),
          },
        }
      case 'publish':
        return { body: { publicationId: 'mine' } }
      case 'restartIce':
        return { body: { iceParameters: transport.iceParameters } }
      case 'reportFailure':
        this.mediaEpoch += 1
        this.event('mediaMoved', {
          reason: 'iceFailed',
          participants: [{ participantId: this.participantId, mediaEpoch: this.mediaEpoch }],
        })
        return {}
      case 'invite':
        return { body: inviteView('i9', 'carol') }
      default:
        return {}
    }
  }

  joinResult(body: Record<string, unknown>): JoinResult {
    const { lastSeq } = body
    if (typeof lastSeq === 'number') {
      for (const event of this.#log) if (event.seq > lastSeq) this.connection?.event(event.event, event.body, event)
    }
    const { roomId, kind, seq, participants, publications, invites, participantId, mediaEpoch } = this
    const snapshot = {
      roomId,
      callId: 'call-1',
      kind,
      locked: false,
      participantsLimit: 5,
      videoCodec: 'VP8' as const,
      createdAt: 1,
      seq,
      participants,
      publications,
      invites,
    }
    return { participantId, resumed: lastSeq !== undefined, snapshot, mediaEpoch, ticket: `ticket-${seq}` }
  }

  /** Something happens in the room. `send: false`: while nobody hears it. */
  event<Name extends RoomEventName>(event: Name, body: RoomEventBody<Name>, options: { send?: boolean } = {}): void {
    this.seq += 1
    this.#log.push({ seq: this.seq, event, body })
    if (options.send !== false) this.connection?.event(event, body, { seq: this.seq, resource: `/rooms/${this.roomId}` })
  }

  signal<Name extends RoomSignalName>(name: Name, body: RoomSignalBody<Name>): void {
    this.connection?.event(name, body, { resource: `/rooms/${this.roomId}` })
  }

  join(participantId: string): void {
    const view = participant(participantId, participantId)
    this.participants = [...this.participants, view]
    this.event('userJoin', view)
  }

  publish(participantId: string, source: Source): PublicationView {
    const publication = publicationOf(participantId, source)
    this.publications = [...this.publications, publication]
    this.event('publicationAdded', publication)
    this.signal('subscriptionOffered', this.subscription(publication))
    return publication
  }

  subscription({ publicationId, participantId, source, kind }: PublicationView): Subscription {
    return {
      publicationId,
      participantId,
      source,
      kind,
      consumerId: `${publicationId}@${this.mediaEpoch}`,
      type: 'simple',
      rtpParameters: { codecs: [{ mimeType: kind === 'audio' ? 'audio/opus' : 'video/VP8', payloadType: 100, clockRate: 48_000 }] },
      publicationPaused: false,
    }
  }
}

export const publicationOf = (participantId: string, source: Source): PublicationView => ({
  publicationId: `${participantId}-${source}`,
  participantId,
  source,
  kind: kindOfSource[source],
  paused: false,
})

export const participant = (participantId: string, name: string, options: { owner?: boolean } = {}): ParticipantView => ({
  participantId,
  username: `${name}@default`,
  owner: options.owner === true,
  connected: true,
  joinedAt: 1000,
})

export const inviteView = (inviteId: string, name: string): InviteView => ({
  inviteId,
  from: { participantId: 'me', username: 'alice@default' },
  to: { username: `${name}@default` },
  media: { audio: true, video: false },
  createdAt: 1,
  expiresAt: null,
})
