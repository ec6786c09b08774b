import type { types } from 'mediasoup'
import { AppError } from '#shared/errors/AppError.ts'
import type { PipeEnd } from '#shared/protocol/fleet/room-link.ts'
import type { RtpParameters } from '#shared/protocol/media.ts'
import { orRefuse } from './media-errors.ts'
import { Publication } from './Publication.ts'
import type { Answer, Params } from './room-calls.ts'
import type { RoomRouter } from './RoomRouter.ts'
import type { RoomRouters } from './RoomRouters.ts'
import { toRouterParameters } from './router-codecs.ts'

/**
 * This host's end of a room's pipe to another host: SRTP with retransmission, one port of the media
 * range. A stream crosses once, whoever subscribes to it on the other side.
 */
export class PipeToHost {
  readonly peerHostId: string
  readonly home: RoomRouter
  readonly end: PipeEnd
  readonly #transport: types.PipeTransport
  readonly #routers: RoomRouters
  readonly #sent = new Map<string, types.Consumer>()
  /** How each publication that came through was described. */
  readonly #received = new WeakMap<Publication, string>()
  #peer: string | undefined

  static async create(peerHostId: string, options: { home: RoomRouter; routers: RoomRouters }): Promise<PipeToHost> {
    const { worker, router } = options.home
    const transport = await orRefuse('mediaUnavailable', 'openPipe', () =>
      router.createPipeTransport({ listenInfo: worker.listenInfo, enableSctp: false, enableRtx: true, enableSrtp: true }),
    )
    const { tuple, srtpParameters } = transport
    if (srtpParameters !== undefined) {
      return new PipeToHost(peerHostId, { ...options, transport, end: { ip: tuple.localAddress, port: tuple.localPort, srtpParameters } })
    }
    transport.close()
    throw new TypeError('A pipe with SRTP came without keys')
  }

  private constructor(peerHostId: string, parts: { home: RoomRouter; routers: RoomRouters; transport: types.PipeTransport; end: PipeEnd }) {
    this.peerHostId = peerHostId
    this.home = parts.home
    this.end = parts.end
    this.#transport = parts.transport
    this.#routers = parts.routers
  }

  get closed(): boolean {
    return this.#transport.closed
  }

  /** The same peer may come again; another one is refused, as a pipe is connected once. */
  async connect(peer: PipeEnd): Promise<void> {
    const text = JSON.stringify(peer)
    if (this.#peer === text) return
    if (this.#peer !== undefined) throw new AppError('mediaRejected', { context: { reason: 'alreadyConnected' } })
    await orRefuse('mediaRejected', 'connectPipe', () => this.#transport.connect(peer))
    this.#peer = text
  }

  /** Sends a publication, or says how it is being sent already. */
  async send(publication: Publication): Promise<Answer<'sendToPipe'>> {
    const { publicationId } = publication
    const current = this.#sent.get(publicationId)
    const consumer = current === undefined || current.closed ? await this.#consume(publication) : current
    return { kind: consumer.kind, rtpParameters: consumer.rtpParameters, paused: publication.paused }
  }

  /** Takes a publication of the peer out of the pipe. */
  async receive(params: Params<'receiveFromPipe'>): Promise<Publication> {
    const { publicationId, participantId, source, kind, rtpParameters, paused } = params
    const producer = await orRefuse('mediaRejected', 'receiveFromPipe', () =>
      this.#transport.produce({
        kind,
        rtpParameters: toRouterParameters(rtpParameters),
        paused,
        appData: { publicationId, participantId },
      }),
    )
    const { home, peerHostId: via } = this
    const publication = Publication.create({ publicationId, participantId, source, producer, home, routers: this.#routers, via })
    this.#received.set(publication, JSON.stringify(rtpParameters))
    return publication
  }

  /** Whether the publication came out of this pipe as these parameters describe it. */
  carries(publication: Publication, rtpParameters: RtpParameters): boolean {
    return !publication.closed && this.#received.get(publication) === JSON.stringify(rtpParameters)
  }

  /** Idempotent. What was received through it closes with it. */
  close(): void {
    this.#transport.close()
  }

  async #consume(publication: Publication): Promise<types.Consumer> {
    const loan = await orRefuse('mediaUnavailable', 'sendToPipe', () => publication.borrow(this.home))
    try {
      const consumer = await this.#transport.consume({ producerId: loan.producer.id })
      this.#sent.set(publication.publicationId, consumer)
      consumer.observer.once('close', () => {
        loan.release()
        if (this.#sent.get(publication.publicationId) === consumer) this.#sent.delete(publication.publicationId)
      })
      return consumer
    } catch (cause) {
      loan.release()
      if (publication.closed) throw new AppError('publicationNotFound', { cause })
      throw new AppError('mediaUnavailable', { context: { operation: 'sendToPipe' }, cause })
    }
  }
}
