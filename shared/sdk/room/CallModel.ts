import type { Layers, Source } from '#shared/protocol/media.ts'
import type { InviteEndReason } from '#shared/protocol/wapi/hub.ts'
import type {
  InviteView,
  LeaveReason,
  ParticipantView,
  PublicationView,
  RoomEventBody,
  RoomKind,
  RoomSignalBody,
  RoomSnapshot,
} from '#shared/protocol/wapi/room.ts'
import type { CallEvents, OutgoingInvite } from '../api/call.ts'
import type { Emitter } from '../kit/Emitter.ts'
import { ParticipantModel, type TrackModel } from './ParticipantModel.ts'
import { type LocalTrackModel, RemoteTrackModel, type SubscriptionControls } from './tracks.ts'

/**
 * What a call knows of its room: who is in, who is being rung, what is published. Fed with snapshots,
 * events and arriving media; tells the application what that changed. Objects keep their identity.
 */
export class CallModel {
  readonly me: ParticipantModel
  readonly participants = new Map<string, ParticipantModel>()
  readonly invites = new Map<string, OutgoingInvite>()
  readonly #output: Emitter<CallEvents>
  readonly #controls: SubscriptionControls
  /** Publications of others, by id. */
  readonly #publications = new Map<string, { readonly participant: ParticipantModel; readonly track: RemoteTrackModel }>()
  /** Media that arrived before its publication was announced. */
  readonly #early = new Map<string, MediaStreamTrack | null>()
  #known = false
  callId = ''
  kind: RoomKind = 'call'
  locked = false
  startedAt: number | null = null

  constructor(options: { me: ParticipantModel; output: Emitter<CallEvents>; controls: SubscriptionControls }) {
    this.me = options.me
    this.#output = options.output
    this.#controls = options.controls
  }

  /** Replaces what was known. Of the first one nothing is told: the application has not seen the call yet. */
  handleSnapshot(snapshot: RoomSnapshot, myId: string): void {
    const changed = this.#known && (this.locked !== snapshot.locked || this.kind !== snapshot.kind)
    this.callId = snapshot.callId
    this.kind = snapshot.kind
    this.locked = snapshot.locked
    for (const participant of [...this.participants.values()]) {
      const stays = participant.isMe || snapshot.participants.some((view) => view.participantId === participant.id)
      if (!stays) this.handleLeft(participant.id, 'left')
    }
    for (const view of snapshot.participants) this.#enter(view, view.participantId === myId)
    for (const publicationId of [...this.#publications.keys()]) {
      if (!snapshot.publications.some((view) => view.publicationId === publicationId)) this.handleUnpublished(publicationId)
    }
    for (const view of snapshot.publications) this.handlePublished(view)
    this.#replaceInvites(snapshot.invites)
    this.#noteStart()
    this.#known = true
    if (changed) this.#output.emit('changed', undefined)
  }

  handleJoined(view: ParticipantView): void {
    this.#enter(view, view.participantId === this.me.id)
    this.#noteStart()
  }

  handleLeft(participantId: string, reason: LeaveReason): void {
    const participant = this.participants.get(participantId)
    if (participant === undefined) return
    for (const [publicationId, publication] of [...this.#publications]) {
      if (publication.participant === participant) this.handleUnpublished(publicationId)
    }
    this.participants.delete(participantId)
    participant.connected = false
    this.#output.emit('participantLeft', { participant, reason })
  }

  handleConnected(participantId: string, connected: boolean): void {
    const participant = this.participants.get(participantId)
    if (participant === undefined || participant.connected === connected) return
    participant.connected = connected
    this.#output.emit(connected ? 'participantUp' : 'participantDown', participant)
    this.#output.emit('participantChanged', participant)
  }

  handleRoomChanged({ locked, owner }: RoomEventBody<'roomChanged'>): void {
    this.locked = locked
    for (const participant of this.participants.values()) {
      if (participant.owner === (participant.id === owner)) continue
      participant.owner = participant.id === owner
      this.#output.emit('participantChanged', participant)
    }
    this.#output.emit('changed', undefined)
  }

  handleInviteCreated(view: InviteView): void {
    if (this.invites.has(view.inviteId)) return
    const invite = outgoingInviteOf(view)
    this.invites.set(invite.id, invite)
    if (this.#known) this.#output.emit('inviteCreated', invite)
  }

  handleInviteEnded(inviteId: string, reason: InviteEndReason): void {
    const invite = this.invites.get(inviteId)
    if (invite === undefined) return
    this.invites.delete(inviteId)
    this.#output.emit('inviteEnded', { invite, reason })
  }

  /** A publication is there, or has changed. What this device publishes itself is not its business. */
  handlePublished(view: PublicationView): void {
    const participant = this.participants.get(view.participantId)
    if (participant === undefined || participant.isMe) return
    const known = this.#publications.get(view.publicationId)
    if (known !== undefined) return this.#setMuted(known.participant, known.track, view.paused)
    const { publicationId, source, paused } = view
    const track = new RemoteTrackModel({ source, publicationId, muted: paused, controls: this.#controls })
    this.#publications.set(publicationId, { participant, track })
    participant.tracks.set(source, track)
    if (this.#known) this.#output.emit('participantChanged', participant)
    if (this.#early.has(publicationId)) this.handleMedia(publicationId, this.#early.get(publicationId) ?? null)
  }

  handleUnpublished(publicationId: string): void {
    this.#early.delete(publicationId)
    const publication = this.#publications.get(publicationId)
    if (publication === undefined) return
    this.#publications.delete(publicationId)
    const { participant, track } = publication
    if (participant.tracks.get(track.source) === track) participant.tracks.delete(track.source)
    this.#removed(participant, track)
  }

  /** Media of a publication arrives here, for the first time or on another way. */
  handleMedia(publicationId: string, mediaTrack: MediaStreamTrack | null): void {
    const publication = this.#publications.get(publicationId)
    if (publication === undefined) {
      this.#early.set(publicationId, mediaTrack)
      return
    }
    this.#early.delete(publicationId)
    publication.track.mediaTrack = mediaTrack
    this.#output.emit('trackAdded', publication)
  }

  handleLayers(publicationId: string, layers: Layers | null): void {
    const publication = this.#publications.get(publicationId)
    if (publication !== undefined) publication.track.layers = layers
  }

  handleSpeakers({ active, levels }: RoomSignalBody<'speakers'>): void {
    for (const participant of this.participants.values()) {
      const level = levels.find((candidate) => candidate.participantId === participant.id)
      participant.setAudioLevel(level?.volume ?? null)
      participant.speaking = participant.id === active
    }
    const heard = levels.map(({ participantId }) => this.participants.get(participantId)).filter((participant) => participant !== undefined)
    this.#output.emit('speakers', {
      active: active === null ? null : (this.participants.get(active) ?? null),
      levels: heard.map((participant) => ({ participant, level: participant.audioLevel })),
    })
  }

  /** This device publishes something, or with null stops doing so. The same object again: its device changed. */
  setLocalTrack(source: Source, track: LocalTrackModel | null): void {
    const before = this.me.tracks.get(source)
    if (track === null) {
      this.me.tracks.delete(source)
      if (before !== undefined) this.#removed(this.me, before)
      return
    }
    this.me.tracks.set(source, track)
    this.#output.emit('participantChanged', this.me)
    this.#output.emit('trackAdded', { participant: this.me, track })
  }

  setLocalMuted(source: Source, muted: boolean): void {
    const track = this.me.tracks.get(source)
    if (track !== undefined) this.#setMuted(this.me, track, muted)
  }

  publicationOwner(publicationId: string): ParticipantModel | undefined {
    return this.#publications.get(publicationId)?.participant
  }

  #enter(view: ParticipantView, isMe: boolean): void {
    const known = isMe ? this.me : this.participants.get(view.participantId)
    // A participant of ours that the room had dropped comes back under another id.
    if (isMe && this.me.id !== '' && this.me.id !== view.participantId) this.participants.delete(this.me.id)
    const participant = known ?? new ParticipantModel({ isMe: false, username: view.username })
    const changed = participant.update(view)
    const isNew = !this.participants.has(participant.id)
    this.participants.set(participant.id, participant)
    if (!this.#known) return
    if (isNew && !isMe) this.#output.emit('participantJoined', participant)
    else if (changed) this.#output.emit('participantChanged', participant)
  }

  #replaceInvites(views: readonly InviteView[]): void {
    for (const invite of [...this.invites.values()]) {
      if (views.some((view) => view.inviteId === invite.id)) continue
      const answered = [...this.participants.values()].some((participant) => participant.username === invite.to.username)
      this.handleInviteEnded(invite.id, answered ? 'accepted' : 'cancelled')
    }
    for (const view of views) this.handleInviteCreated(view)
  }

  #setMuted(participant: ParticipantModel, track: TrackModel, muted: boolean): void {
    if (track.muted === muted) return
    track.muted = muted
    this.#output.emit('trackMuted', { participant, track })
    this.#output.emit('participantChanged', participant)
  }

  #removed(participant: ParticipantModel, track: TrackModel): void {
    this.#output.emit('trackRemoved', { participant, track })
    this.#output.emit('participantChanged', participant)
  }

  #noteStart(): void {
    if (this.startedAt !== null || this.participants.size < 2) return
    const joined = [...this.participants.values()].map((participant) => participant.joinedAt).toSorted((a, b) => a - b)
    this.startedAt = joined[1] ?? null
  }
}

export const outgoingInviteOf = ({ inviteId, from, to, media, createdAt, expiresAt }: InviteView): OutgoingInvite => ({
  id: inviteId,
  to,
  from: from.participantId,
  media,
  createdAt,
  expiresAt,
})
