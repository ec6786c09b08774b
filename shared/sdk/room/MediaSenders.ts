import type { RtpParameters, Source, VideoCodec } from '#shared/protocol/media.ts'
import type { LocalMedia, MediaSession } from '../media/MediaEngine.ts'

/** Read when it is sent, which may be later than it was asked for. */
export interface OutgoingPublication {
  readonly source: Source
  readonly media: LocalMedia | null
  readonly simulcast: boolean
  readonly paused: boolean
  readonly videoCodec: VideoCodec
}

interface Sent {
  published: Promise<boolean>
  wanted: LocalMedia | null
  attached: LocalMedia | null
  /** The session sends it, so its media can be replaced. */
  live: boolean
}

/** What one link sends. */
export class MediaSenders {
  readonly #session: Promise<MediaSession>
  readonly #tell: (source: Source, body: { rtpParameters: RtpParameters; paused: boolean }) => Promise<unknown>
  readonly #note: (event: string, error: unknown) => void
  readonly #sent = new Map<Source, Sent>()

  /** `tell` announces a publication to the room. */
  constructor(options: {
    session: Promise<MediaSession>
    tell: (source: Source, body: { rtpParameters: RtpParameters; paused: boolean }) => Promise<unknown>
    note: (event: string, error: unknown) => void
  }) {
    this.#session = options.session
    this.#tell = options.tell
    this.#note = options.note
  }

  /** Once per source. False where there is nothing to send yet and the engine cannot publish ahead. */
  publish(publication: OutgoingPublication): Promise<boolean> {
    const known = this.#sent.get(publication.source)
    if (known !== undefined) return known.published
    const sent: Sent = { wanted: publication.media, attached: null, live: false, published: Promise.resolve(false) }
    this.#sent.set(publication.source, sent)
    sent.published = this.#publish(publication, sent)
    return sent.published
  }

  async setMedia(source: Source, media: LocalMedia): Promise<void> {
    const sent = this.#sent.get(source)
    if (sent === undefined) return
    sent.wanted = media
    if (sent.live) await this.#attach(source, sent)
  }

  /** This side only; never rejects. */
  async unpublish(source: Source): Promise<void> {
    if (!this.#sent.delete(source)) return
    try {
      await (await this.#session).unpublish(source)
    } catch (error) {
      this.#note('media.unpublishFailed', error)
    }
  }

  isSending(source: Source): boolean {
    return this.#sent.get(source)?.live === true
  }

  async #publish(publication: OutgoingPublication, sent: Sent): Promise<boolean> {
    const { source, simulcast } = publication
    try {
      const session = await this.#session
      if (sent.wanted === null && !session.publishesAhead) {
        this.#sent.delete(source)
        return false
      }
      sent.attached = sent.wanted
      const rtpParameters = await session.publish({ source, media: sent.attached, simulcast, videoCodec: publication.videoCodec })
      sent.live = true
      const attached = this.#attach(source, sent)
      await Promise.all([this.#tell(source, { rtpParameters, paused: publication.paused }), attached])
      return true
    } catch (error) {
      if (this.#sent.get(source) === sent) await this.unpublish(source)
      throw error
    }
  }

  async #attach(source: Source, sent: Sent): Promise<void> {
    if (sent.wanted === null || sent.wanted === sent.attached) return
    sent.attached = sent.wanted
    await (await this.#session).replaceMedia(source, sent.wanted)
  }
}
