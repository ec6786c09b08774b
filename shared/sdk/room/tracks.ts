import { kindOfSource, type Layers, type MediaKind, type Source } from '#shared/protocol/media.ts'
import type { LocalTrack, RemoteTrack } from '../api/tracks.ts'

/** What a remote track's own methods do. */
export interface SubscriptionControls {
  setEnabled(publicationId: string, enabled: boolean): Promise<void>
  setPreferredLayers(publicationId: string, layers: Layers): Promise<void>
}

export class RemoteTrackModel implements RemoteTrack {
  readonly isLocal = false
  readonly source: Source
  readonly kind: MediaKind
  readonly publicationId: string
  readonly #controls: SubscriptionControls
  muted: boolean
  mediaTrack: MediaStreamTrack | null = null
  enabled = true
  layers: Layers | null = null

  constructor(options: { source: Source; publicationId: string; muted: boolean; controls: SubscriptionControls }) {
    this.source = options.source
    this.kind = kindOfSource[options.source]
    this.publicationId = options.publicationId
    this.muted = options.muted
    this.#controls = options.controls
  }

  async setEnabled(enabled: boolean): Promise<void> {
    if (this.enabled === enabled) return
    this.enabled = enabled
    await this.#controls.setEnabled(this.publicationId, enabled)
  }

  setPreferredLayers(layers: Layers): Promise<void> {
    return this.#controls.setPreferredLayers(this.publicationId, layers)
  }
}

export class LocalTrackModel implements LocalTrack {
  readonly isLocal = true
  readonly source: Source
  readonly kind: MediaKind
  muted: boolean
  mediaTrack: MediaStreamTrack | null
  deviceId: string | null

  constructor(options: { source: Source; muted: boolean; mediaTrack: MediaStreamTrack | null; deviceId: string | null }) {
    this.source = options.source
    this.kind = kindOfSource[options.source]
    this.muted = options.muted
    this.mediaTrack = options.mediaTrack
    this.deviceId = options.deviceId
  }
}
