import type { Source, VideoCodec } from '#shared/protocol/media.ts'
import type { CaptureRequest, LocalMedia } from '../media/MediaEngine.ts'

/** What this device publishes, or wants to: it outlives the transports that carry it. */
export class LocalPublication {
  readonly source: Source
  readonly simulcast: boolean
  readonly #videoCodec: () => VideoCodec
  /** How its device was asked for. */
  request: CaptureRequest
  /** Null while the device is being opened. */
  media: LocalMedia | null = null
  paused = false
  /** Bits per second; null: as the engine likes. */
  maxBitrate: number | null = null
  /** The server is being told; what depends on its knowing waits. */
  publishing: Promise<void> = Promise.resolve()

  constructor(options: { source: Source; request: CaptureRequest; simulcast: boolean; paused: boolean; videoCodec: () => VideoCodec }) {
    this.#videoCodec = options.videoCodec
    this.source = options.source
    this.request = options.request
    this.simulcast = options.simulcast
    this.paused = options.paused
  }

  /** The room's, which is known once we are in. */
  get videoCodec(): VideoCodec {
    return this.#videoCodec()
  }
}

/** One thing at a time per source, in the order asked. */
export class SourceQueues {
  readonly #tails = new Map<Source, Promise<unknown>>()

  run<Value>(source: Source, work: () => Promise<Value>): Promise<Value> {
    const before = this.#tails.get(source)
    // With nothing under way the work starts in this very turn: the accept path counts round trips.
    const result = before === undefined ? work() : before.then(work)
    const tail = result
      .catch(() => undefined)
      .then(() => {
        if (this.#tails.get(source) === tail) this.#tails.delete(source)
      })
    this.#tails.set(source, tail)
    return result
  }
}
