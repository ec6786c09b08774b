import type { types } from 'mediasoup'
import { AppError } from '#shared/errors/AppError.ts'
import type { Layers } from '#shared/protocol/media.ts'
import { orRefuse } from './media-errors.ts'
import type { Loan, Publication } from './Publication.ts'
import type { Answer, NotifyRoom } from './room-calls.ts'
import type { RoomRouter } from './RoomRouter.ts'

export interface SubscriptionOptions {
  readonly participantId: string
  readonly publication: Publication
  readonly rtpCapabilities: types.RtpCapabilities
  /** Where it is sent from, and the router that this is on. */
  readonly transport: types.Transport
  readonly home: RoomRouter
  readonly notify: NotifyRoom
}

/**
 * One participant's receiving of one publication. It flows at once: a client that connects its
 * transport later gets, from the worker, a key frame asked for at that moment.
 */
export class Subscription {
  readonly publication: Publication
  readonly #consumer: types.Consumer
  readonly #loan: Loan

  static async create(options: SubscriptionOptions): Promise<Subscription> {
    const { publication, rtpCapabilities } = options
    const fits = await orRefuse('mediaRejected', 'subscribe', async () => publication.fits(rtpCapabilities))
    if (!fits) throw new AppError('codecNotSupported')
    const loan = await orRefuse('mediaUnavailable', 'subscribe', () => publication.borrow(options.home))
    try {
      const consumer = await options.transport.consume({ producerId: loan.producer.id, rtpCapabilities })
      return new Subscription(consumer, loan, options)
    } catch (cause) {
      loan.release()
      if (publication.closed) throw new AppError('publicationNotFound', { cause })
      throw new AppError('mediaUnavailable', { context: { operation: 'subscribe' }, cause })
    }
  }

  private constructor(consumer: types.Consumer, loan: Loan, options: SubscriptionOptions) {
    this.publication = options.publication
    this.#consumer = consumer
    this.#loan = loan
    consumer.observer.once('close', () => loan.release())
    const { participantId, notify } = options
    const { publicationId } = options.publication
    if (consumer.type === 'simulcast' || consumer.type === 'svc') {
      consumer.on('layerschange', (layers) => notify('layers', { participantId, publicationId, layers: layers ?? null }))
    }
    if (consumer.closed) this.close()
  }

  get closed(): boolean {
    return this.#consumer.closed
  }

  /** Calls back once when it has closed, for whatever reason. */
  onClosed(listener: () => void): void {
    this.#consumer.observer.once('close', listener)
  }

  answer(): Answer<'subscribe'> {
    const { id: consumerId, kind, type, rtpParameters } = this.#consumer
    return { consumerId, kind, type, rtpParameters, publicationPaused: this.publication.paused }
  }

  /** Resuming asks the publisher for a key frame, as a picture cannot start in the middle. */
  async update(change: { paused?: boolean | undefined; preferredLayers?: Layers | undefined }): Promise<void> {
    if (change.preferredLayers !== undefined) await this.#consumer.setPreferredLayers(change.preferredLayers)
    if (change.paused === true) await this.#consumer.pause()
    if (change.paused === false && this.#consumer.paused) {
      await this.#consumer.resume()
      if (this.#consumer.kind === 'video') await this.#consumer.requestKeyFrame()
    }
  }

  /** Idempotent. */
  close(): void {
    this.#consumer.close()
    this.#loan.release()
  }
}
