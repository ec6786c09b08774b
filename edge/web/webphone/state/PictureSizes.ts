import type { Call, RemoteTrack, Source } from '#shared/sdk/index.ts'

/** The simulcast layer, of three, that fills a picture of this many pixels: a quarter, half or all of a 720-line camera. */
export const spatialLayerFor = (height: number): number => (height <= 200 ? 0 : height <= 420 ? 1 : 2)

/** Asks for no larger pictures than are shown. */
export class PictureSizes {
  readonly #heights = new Map<string, number>()
  /** What was asked for last, of each track. */
  readonly #asked = new WeakMap<RemoteTrack, number>()

  set(participantId: string, source: Source, height: number): void {
    this.#heights.set(keyOf(participantId, source), height)
  }

  /** Tells the server what has changed since it was last told. */
  apply(call: Pick<Call, 'participants'>): void {
    for (const { id, tracks } of call.participants.values()) {
      for (const track of tracks.values()) {
        const height = this.#heights.get(keyOf(id, track.source))
        // Layers are known once they flow; what is sent in one size has none.
        if (track.isLocal || track.layers === null || height === undefined) continue
        this.#ask(track, spatialLayerFor(height))
      }
    }
  }

  #ask(track: RemoteTrack, spatialLayer: number): void {
    if ((this.#asked.get(track) ?? 2) === spatialLayer) return
    this.#asked.set(track, spatialLayer)
    // Where media is being moved it is refused, and asked again with the layers that then flow.
    track.setPreferredLayers({ spatialLayer }).catch(() => this.#asked.delete(track))
  }
}

const keyOf = (participantId: string, source: Source): string => `${participantId} ${source}`
