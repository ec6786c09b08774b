import {
  RingwayError,
  type Call,
  type CallEndReason,
  type CallEvents,
  type CallState,
  type DeviceErrorCode,
  type InviteEndReason,
  type LocalTrack,
  type OutgoingInvite,
  type Participant,
  type RemoteTrack,
  type RoomKind,
  type Source,
  type Unsubscribe,
} from '#shared/sdk/index.ts'
import { hueOf } from '../ui/avatar-look.ts'
import { picture } from './pictures.ts'

export interface Person {
  readonly username: string
  readonly displayName: string
  readonly camera?: boolean
  readonly muted?: boolean
  readonly speaking?: boolean
  readonly connected?: boolean
  readonly screen?: boolean
  readonly owner?: boolean
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }
type FakeParticipant = Mutable<Participant> & { tracks: Map<Source, LocalTrack | RemoteTrack> }

/** A call of which every fact is said beforehand; its controls change what they say and nothing else. */
export class FakeCall implements Call {
  readonly id: string
  readonly callId = 'call-1'
  readonly kind: RoomKind
  readonly participants = new Map<string, FakeParticipant>()
  readonly outgoingInvites = new Map<string, OutgoingInvite>()
  readonly refusedInvites = []
  readonly me: FakeParticipant
  state: CallState
  endReason: CallEndReason | null = null
  locked: boolean
  isOwner: boolean
  startedAt: number | null
  readonly #listeners = new Map<string, Set<(payload: never) => void>>()
  #refusal: DeviceErrorCode | null = null
  readonly #onEnded: (reason: CallEndReason) => void

  constructor(options: {
    me: Person
    others?: readonly Person[]
    ringing?: readonly Person[]
    kind?: RoomKind
    id?: string
    state?: CallState
    locked?: boolean
    isOwner?: boolean
    onEnded: (reason: CallEndReason) => void
  }) {
    const { others = [], ringing = [], kind = 'call' } = options
    this.kind = kind
    this.id = options.id ?? (kind === 'conference' ? 'wac-conf48213907715526840913' : 'room-1')
    this.state = options.state ?? 'active'
    this.locked = options.locked ?? false
    this.isOwner = options.isOwner ?? true
    this.startedAt = others.length === 0 ? null : Date.now() - 247_000
    this.#onEnded = options.onEnded
    this.me = this.#join(options.me, { isMe: true })
    for (const person of others) this.#join(person, { isMe: false })
    for (const person of ringing) this.#ring(person)
  }

  readonly on = <Name extends keyof CallEvents>(event: Name, listener: (payload: CallEvents[Name]) => void): Unsubscribe => {
    const listeners = this.#listeners.get(event) ?? new Set()
    this.#listeners.set(event, listeners)
    const entry = listener as (payload: never) => void
    listeners.add(entry)
    return () => listeners.delete(entry)
  }

  async invite(to: string): Promise<OutgoingInvite> {
    const invite = this.#ring({ username: to, displayName: to.replace(/@.*$/u, '') })
    this.#emit('inviteCreated', invite)
    return invite
  }

  async cancelInvite(inviteId: string): Promise<void> {
    const invite = this.outgoingInvites.get(inviteId)
    this.outgoingInvites.delete(inviteId)
    if (invite !== undefined) this.#emit('inviteEnded', { invite, reason: 'cancelled' })
  }

  /** Whoever was rung does not come. */
  refuse(invite: OutgoingInvite, reason: InviteEndReason): void {
    this.outgoingInvites.delete(invite.id)
    this.#emit('inviteEnded', { invite, reason })
  }

  /** What opening a device rejects with from now on. */
  refuseDevices(code: DeviceErrorCode | null): void {
    this.#refusal = code
  }

  muteByHost(): void {
    this.#setTrack('microphone', true, { muted: true })
    const mine = this.me.tracks.get('microphone')
    if (mine !== undefined) this.#emit('trackMuted', { participant: this.me, track: mine })
  }

  async setMicrophone(on: unknown): Promise<void> {
    this.#setTrack('microphone', on !== false)
  }

  async mute(): Promise<void> {
    this.#setTrack('microphone', true, { muted: true })
  }

  async unmute(): Promise<void> {
    this.#setTrack('microphone', true)
  }

  async setCamera(on: unknown): Promise<void> {
    this.#setTrack('camera', on !== false)
  }

  async startScreenShare(): Promise<void> {
    this.#setTrack('screen', true)
  }

  async stopScreenShare(): Promise<void> {
    this.#setTrack('screen', false)
  }

  async muteParticipant(participantId: string): Promise<void> {
    const participant = this.participants.get(participantId)
    if (participant === undefined) return
    participant.tracks.delete('microphone')
    this.#emit('participantChanged', participant)
  }

  async kick(participantId: string): Promise<void> {
    const participant = this.participants.get(participantId)
    this.participants.delete(participantId)
    if (participant !== undefined) this.#emit('participantLeft', { participant, reason: 'kicked' })
  }

  async lock(): Promise<void> {
    this.locked = true
    this.#emit('changed', undefined)
  }

  async unlock(): Promise<void> {
    this.locked = false
    this.#emit('changed', undefined)
  }

  async end(): Promise<void> {
    this.#onEnded('ended')
  }

  async leave(): Promise<void> {
    this.#onEnded('left')
  }

  async getStats() {
    return { at: Date.now(), tracks: [], transports: [] }
  }

  #join(person: Person, { isMe }: { isMe: boolean }): FakeParticipant {
    const participant: FakeParticipant = {
      id: `p-${person.username.replace(/@.*$/u, '')}`,
      username: person.username,
      displayName: person.displayName,
      isMe,
      connected: person.connected ?? true,
      owner: person.owner ?? isMe,
      joinedAt: this.participants.size,
      tracks: new Map(),
      speaking: person.speaking ?? false,
      audioLevel: 0,
    }
    this.participants.set(participant.id, participant)
    const hue = hueOf(person.username)
    const add = (source: Source, muted: boolean, mediaTrack: MediaStreamTrack | null) =>
      participant.tracks.set(source, track({ source, muted, mediaTrack, isMe }))
    add('microphone', person.muted ?? false, null)
    if (person.camera === true) add('camera', false, picture('person', hue))
    if (person.screen === true) add('screen', false, picture('screen', hue))
    return participant
  }

  #ring(person: Person): OutgoingInvite {
    const invite: OutgoingInvite = {
      id: `i-${person.username}`,
      to: { username: person.username, displayName: person.displayName },
      from: this.me.id,
      media: { audio: true, video: false },
      createdAt: Date.now(),
      expiresAt: null,
    }
    this.outgoingInvites.set(invite.id, invite)
    return invite
  }

  #setTrack(source: Source, on: boolean, { muted = false }: { muted?: boolean } = {}): void {
    if (on && this.#refusal !== null) throw new RingwayError({ code: this.#refusal, message: '', retryable: true })
    const media = on && source !== 'microphone' ? picture(source === 'screen' ? 'screen' : 'person', hueOf(this.me.username)) : null
    if (on) this.me.tracks.set(source, track({ source, muted, mediaTrack: media, isMe: true }))
    else this.me.tracks.delete(source)
    this.#emit('participantChanged', this.me)
  }

  #emit<Name extends keyof CallEvents>(event: Name, payload: CallEvents[Name]): void {
    for (const listener of this.#listeners.get(event) ?? []) (listener as (payload: CallEvents[Name]) => void)(payload)
  }
}

function track({
  source,
  muted,
  mediaTrack,
  isMe,
}: {
  source: Source
  muted: boolean
  mediaTrack: MediaStreamTrack | null
  isMe: boolean
}): LocalTrack | RemoteTrack {
  const base = {
    source,
    kind: source === 'microphone' || source === 'screen-audio' ? ('audio' as const) : ('video' as const),
    muted,
    mediaTrack,
  }
  if (isMe) return { ...base, isLocal: true, deviceId: null }
  return {
    ...base,
    isLocal: false,
    publicationId: `${source}-1`,
    enabled: true,
    layers: null,
    setEnabled: async () => {},
    setPreferredLayers: async () => {},
  }
}
