import type { Source } from '#shared/protocol/media.ts'
import type { ParticipantView } from '#shared/protocol/wapi/room.ts'
import type { Participant } from '../api/participant.ts'
import type { LocalTrackModel, RemoteTrackModel } from './tracks.ts'

export type TrackModel = LocalTrackModel | RemoteTrackModel

export class ParticipantModel implements Participant {
  readonly isMe: boolean
  readonly tracks = new Map<Source, TrackModel>()
  id = ''
  username: string
  displayName: string
  connected = true
  owner = false
  joinedAt = 0
  speaking = false
  audioLevel = 0

  constructor(options: { isMe: boolean; username: string; displayName?: string }) {
    this.isMe = options.isMe
    this.username = options.username
    this.displayName = options.displayName ?? options.username
  }

  /** True where something that applications see has changed. */
  update(view: ParticipantView): boolean {
    const displayName = view.displayName ?? view.username
    const { participantId: id, username, owner, connected, joinedAt } = view
    const changed =
      this.id !== id ||
      this.username !== username ||
      this.displayName !== displayName ||
      this.owner !== owner ||
      this.connected !== connected ||
      this.joinedAt !== joinedAt
    Object.assign(this, { id, username, displayName, owner, connected, joinedAt })
    return changed
  }

  /** 0 to 1, from the level in -dBov of RFC 6464 (-127 is silence). Null: silent. */
  setAudioLevel(volume: number | null): void {
    this.audioLevel = volume === null ? 0 : Math.min(1, Math.max(0, 1 + volume / 127))
  }
}
