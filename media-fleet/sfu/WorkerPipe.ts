import type { types } from 'mediasoup'
import { loopbackListen } from './ports.ts'
import type { RoomRouter } from './RoomRouter.ts'

/** A stream that was carried to another worker of the host. */
export interface CarriedStream {
  readonly producer: types.Producer
  close(): void
}

/**
 * The pipe between a room's routers on two workers of this host: plain RTP over loopback. It closes
 * itself once it carries nothing.
 */
export class WorkerPipe {
  readonly #ends: ReadonlyMap<RoomRouter, types.PipeTransport>
  readonly #onClosed: () => void
  #carried = 0
  #closed = false

  static async create(one: RoomRouter, other: RoomRouter, options: { onClosed: () => void }): Promise<WorkerPipe> {
    const open = ({ router }: RoomRouter): Promise<types.PipeTransport> =>
      router.createPipeTransport({ listenInfo: loopbackListen, enableSctp: false, enableRtx: false, enableSrtp: false })
    const opened = await Promise.allSettled([open(one), open(other)])
    const transports = opened.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []))
    try {
      const [oneEnd, otherEnd] = transports
      if (oneEnd === undefined || otherEnd === undefined) throw opened.find((outcome) => outcome.status === 'rejected')?.reason
      await Promise.all([connect(oneEnd, otherEnd), connect(otherEnd, oneEnd)])
      return new WorkerPipe(
        new Map([
          [one, oneEnd],
          [other, otherEnd],
        ]),
        options.onClosed,
      )
    } catch (error) {
      for (const transport of transports) transport.close()
      throw error
    }
  }

  private constructor(ends: ReadonlyMap<RoomRouter, types.PipeTransport>, onClosed: () => void) {
    this.#ends = ends
    this.#onClosed = onClosed
    for (const transport of ends.values()) transport.observer.once('close', () => this.close())
  }

  get closed(): boolean {
    return this.#closed
  }

  /** Carries a producer over; the copy keeps its id, pauses with it and ends with it. */
  async carry(producer: types.Producer, options: { from: RoomRouter; to: RoomRouter }): Promise<CarriedStream> {
    const [near, far] = [this.#ends.get(options.from), this.#ends.get(options.to)]
    if (near === undefined || far === undefined) throw new TypeError('The pipe does not join these routers')
    this.#carried += 1
    let carried = true
    const release = (): void => {
      if (!carried) return
      carried = false
      this.#carried -= 1
      if (this.#carried === 0) this.close()
    }
    try {
      return await this.#carry(producer, { near, far, release })
    } catch (error) {
      release()
      throw error
    }
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    for (const transport of this.#ends.values()) transport.close()
    this.#onClosed()
  }

  async #carry(
    producer: types.Producer,
    options: { near: types.PipeTransport; far: types.PipeTransport; release: () => void },
  ): Promise<CarriedStream> {
    const { id, appData } = producer
    const consumer = await options.near.consume({ producerId: id })
    try {
      const { kind, rtpParameters, producerPaused: paused } = consumer
      const copy = await options.far.produce({ id, kind, rtpParameters, paused, appData })
      followPause(consumer, copy)
      consumer.observer.once('close', () => copy.close())
      copy.observer.once('close', () => {
        consumer.close()
        options.release()
      })
      // The source may have gone or paused while the copy was being made.
      if (consumer.closed) copy.close()
      else if (consumer.producerPaused !== copy.paused) await (consumer.producerPaused ? copy.pause() : copy.resume())
      return { producer: copy, close: () => copy.close() }
    } catch (error) {
      consumer.close()
      throw error
    }
  }
}

const connect = (near: types.PipeTransport, far: types.PipeTransport): Promise<void> =>
  near.connect({ ip: far.tuple.localAddress, port: far.tuple.localPort })

function followPause(consumer: types.Consumer, copy: types.Producer): void {
  const ignore = (): void => undefined
  consumer.on('producerpause', () => void copy.pause().catch(ignore))
  consumer.on('producerresume', () => void copy.resume().catch(ignore))
}
