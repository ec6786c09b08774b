import type { Layers, MediaKind, Source } from '#shared/protocol/media.ts'

interface TrackBase {
  readonly source: Source
  readonly kind: MediaKind
  /** True while its publisher sends nothing: a muted microphone, a paused camera. */
  readonly muted: boolean
  /** What to put into a `MediaStream`; null until media is there, and always with a media engine that renders nothing. */
  readonly mediaTrack: MediaStreamTrack | null
}

/** What this device publishes. */
export interface LocalTrack extends TrackBase {
  readonly isLocal: true
  /** The capture device, where there is one. */
  readonly deviceId: string | null
}

/** What another participant publishes. One object per participant and source for as long as it is published, wherever its media runs. */
export interface RemoteTrack extends TrackBase {
  readonly isLocal: false
  readonly publicationId: string
  /** False after `setEnabled(false)`. */
  readonly enabled: boolean
  /** Simulcast layers that flow now; null while unknown or while nothing flows. */
  readonly layers: Layers | null
  /** Stops or resumes receiving it, for example while its tile is not visible. Others are not affected. */
  setEnabled(enabled: boolean): Promise<void>
  /** The highest simulcast layers worth sending here. Rejects with `mediaMoved` where media is being moved; ask again then. */
  setPreferredLayers(layers: Layers): Promise<void>
}
