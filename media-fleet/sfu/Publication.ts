import type { types } from 'mediasoup'
import type { MediaKind, Source } from '#shared/protocol/media.ts'
import type { RoomRouter } from './RoomRouter.ts'
import type { RoomRouters } from './RoomRouters.ts'
import type { CarriedStream } from './WorkerPipe.ts'

export interface PublicationOptions {
  readonly publicationId: string
  readonly participantId: string
  readonly source: Source
  readonly producer: types.Producer
  /** The router that the producer is on. */
  readonly home: RoomRouter
  readonly routers: RoomRouters
  /** The host whose pipe it came through, for one that is published elsewhere. */
  readonly via?: string
}

/** A publication's producer on some router, lent until released. */
export interface Loan {
  readonly producer: types.Producer
  release(): void
}

interface Lending {
  readonly stream: Promise<CarriedStream>
  users: number
}

/** One published stream as this host has it: from a participant here, or out of another host's pipe. */
export class Publication {
  readonly publicationId: string
  readonly participantId: string
  readonly source: Source
  readonly home: RoomRouter
  readonly via: string | undefined
  readonly #producer: types.Producer
  readonly #routers: RoomRouters
  readonly #lendings = new Map<RoomRouter, Lending>()

  static create(options: PublicationOptions): Publication {
    return new Publication(options)
  }

  private constructor(options: PublicationOptions) {
    this.publicationId = options.publicationId
    this.participantId = options.participantId
    this.source = options.source
    this.home = options.home
    this.via = options.via
    this.#producer = options.producer
    this.#routers = options.routers
  }

  get kind(): MediaKind {
    return this.#producer.kind
  }

  get paused(): boolean {
    return this.#producer.paused
  }

  get closed(): boolean {
    return this.#producer.closed
  }

  /** Calls back once when it has closed, for whatever reason. */
  onClosed(listener: () => void): void {
    this.#producer.observer.once('close', listener)
  }

  /** Whether somebody with these capabilities can receive it. */
  fits(rtpCapabilities: types.RtpCapabilities): boolean {
    return this.home.router.canConsume({ producerId: this.#producer.id, rtpCapabilities })
  }

  async setPaused(paused: boolean): Promise<void> {
    await (paused ? this.#producer.pause() : this.#producer.resume())
  }

  /**
   * The publication's producer on `router`. Each stream crosses once between two workers, however
   * many use it there, and stops crossing with the last of them.
   */
  async borrow(router: RoomRouter): Promise<Loan> {
    if (router === this.home) return { producer: this.#producer, release: () => undefined }
    const lending = this.#lendings.get(router) ?? this.#lend(router)
    lending.users += 1
    let released = false
    const release = (): void => {
      if (released) return
      released = true
      lending.users -= 1
      if (lending.users === 0) this.#recall(router, lending)
    }
    try {
      return { producer: (await lending.stream).producer, release }
    } catch (error) {
      release()
      throw error
    }
  }

  /** RTP received and lost so far, over all layers; lost is what did not arrive by itself, repaired or not. */
  async countPackets(): Promise<{ received: number; lost: number }> {
    const streams = await this.#producer.getStats()
    return {
      received: streams.reduce((sum, { packetCount, packetsRepaired }) => sum + packetCount - packetsRepaired, 0),
      lost: streams.reduce((sum, { packetsLost }) => sum + packetsLost, 0),
    }
  }

  /** Idempotent. Everything made of it closes as well. */
  close(): void {
    this.#producer.close()
  }

  #lend(router: RoomRouter): Lending {
    const lending: Lending = { stream: this.#carryTo(router), users: 0 }
    this.#lendings.set(router, lending)
    const recall = (): void => this.#recall(router, lending)
    lending.stream.then(({ producer }) => {
      if (producer.closed) recall()
      else producer.observer.once('close', recall)
    }, recall)
    return lending
  }

  async #carryTo(router: RoomRouter): Promise<CarriedStream> {
    const pipe = await this.#routers.pipe(this.home, router)
    // Its last stream may have ended, and the pipe with it, just before this one got to use it.
    if (pipe.closed && !this.closed) return this.#carryTo(router)
    return pipe.carry(this.#producer, { from: this.home, to: router })
  }

  #recall(router: RoomRouter, lending: Lending): void {
    if (this.#lendings.get(router) !== lending) return
    this.#lendings.delete(router)
    lending.stream.then(
      (stream) => stream.close(),
      () => undefined,
    )
  }
}
