import type { Source } from '#shared/protocol/media.ts'
import type { LocalTrack, RemoteTrack } from './tracks.ts'

/** One party of a call. The same object for as long as the party is in the call, through reconnects and moves of its media. */
export interface Participant {
  readonly id: string
  /** `username@domain`. */
  readonly username: string
  /** Falls back to the username. */
  readonly displayName: string
  readonly isMe: boolean
  /** False while the party's connection is lost and it may yet come back. */
  readonly connected: boolean
  readonly owner: boolean
  /** Milliseconds since the epoch. */
  readonly joinedAt: number
  /** What the party publishes, by source. A remote track is here from its announcement on; its `mediaTrack` follows with `trackAdded`. */
  readonly tracks: ReadonlyMap<Source, LocalTrack | RemoteTrack>
  /** Whether the party is the dominant speaker. */
  readonly speaking: boolean
  /** 0 (silence) to 1 (loudest), from the RFC 6464 level. */
  readonly audioLevel: number
}
