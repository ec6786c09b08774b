import type { Call, CallState, LocalTrack, Participant, RemoteTrack, RoomKind, Source } from '#shared/sdk/index.ts'
import type { Refusals } from './media-choice.ts'

export interface TrackView {
  readonly source: Source
  readonly media: MediaStreamTrack | null
  readonly muted: boolean
  readonly deviceId: string | null
}

export interface ParticipantView {
  readonly id: string
  readonly username: string
  readonly displayName: string
  readonly isMe: boolean
  readonly owner: boolean
  readonly connected: boolean
  readonly speaking: boolean
  readonly tracks: Readonly<Partial<Record<Source, TrackView>>>
}

export interface InviteView {
  readonly id: string
  readonly username: string
  readonly displayName: string
  readonly mine: boolean
}

/** One moment of a call, for showing. */
export interface CallView {
  readonly id: string
  readonly kind: RoomKind
  readonly state: CallState
  readonly locked: boolean
  readonly isOwner: boolean
  readonly startedAt: number | null
  readonly me: ParticipantView
  /** In the order in which they came. */
  readonly others: readonly ParticipantView[]
  readonly invites: readonly InviteView[]
  /** This device's media is moving to another host. */
  readonly moving: boolean
  readonly refusals: Refusals
  /** Devices that are being opened or closed. */
  readonly pending: readonly Source[]
}

export function viewOf(call: Call, extra: { moving: boolean; refusals: Refusals; pending: readonly Source[] }): CallView {
  const others = [...call.participants.values()].filter((participant) => !participant.isMe)
  return {
    id: call.id,
    kind: call.kind,
    state: call.state,
    locked: call.locked,
    isOwner: call.isOwner,
    startedAt: call.startedAt,
    me: participantView(call.me),
    others: others.toSorted((a, b) => a.joinedAt - b.joinedAt).map(participantView),
    invites: [...call.outgoingInvites.values()].map((invite) => ({
      id: invite.id,
      username: invite.to.username,
      displayName: invite.to.displayName ?? localPart(invite.to.username),
      mine: invite.from === call.me.id,
    })),
    ...extra,
  }
}

/** `bob` of `bob@example.com`. */
export const localPart = (username: string): string => username.replace(/@.*$/u, '')

/** A name to show: a display name that is only the address is cut to the part before its `@`. */
export const shownName = (person: { displayName?: string | undefined; username: string }): string =>
  person.displayName === undefined || person.displayName === person.username ? localPart(person.username) : person.displayName

/** The track of this source that has a picture or sound now; undefined while it is off or its publisher has paused it. */
export function playing(participant: ParticipantView, source: Source): TrackView | undefined {
  const track = participant.tracks[source]
  return track === undefined || track.muted ? undefined : track
}

export const isMuted = (participant: ParticipantView): boolean => playing(participant, 'microphone') === undefined

function participantView(participant: Participant): ParticipantView {
  const tracks: Partial<Record<Source, TrackView>> = {}
  for (const [source, track] of participant.tracks) tracks[source] = trackView(track)
  return {
    id: participant.id,
    username: participant.username,
    displayName: shownName(participant),
    isMe: participant.isMe,
    owner: participant.owner,
    connected: participant.connected,
    speaking: participant.speaking,
    tracks,
  }
}

const trackView = (track: LocalTrack | RemoteTrack): TrackView => ({
  source: track.source,
  media: track.mediaTrack,
  muted: track.muted,
  deviceId: track.isLocal ? track.deviceId : null,
})
