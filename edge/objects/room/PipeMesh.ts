import { AppError } from '#shared/errors/AppError.ts'
import type { Publication } from '#edge/domain/room/state.ts'
import type { OpenedLink } from './HostLinks.ts'

export interface PipeMeshPorts {
  linkTo(hostId: string): Promise<OpenedLink>
  epoch(): number
}

/**
 * The pipes between the hosts of a room: one pair per two hosts, made at the first subscription that
 * needs it, and each publication through it at most once. Hosts answer repeated questions with what
 * exists, so forgetting all this in an eviction costs questions, not streams.
 */
export class PipeMesh {
  readonly #ports: PipeMeshPorts
  /** By the two host ids in order. */
  readonly #pipes = new Map<string, Promise<void>>()
  /** By publication, generation and receiving host. */
  readonly #streams = new Map<
    string,
    { readonly publicationId: string; readonly from: string; readonly to: string; readonly ready: Promise<void> }
  >()

  constructor(ports: PipeMeshPorts) {
    this.#ports = ports
  }

  /** Makes a publication of one host available on another. */
  async carry(publication: Publication, ends: { from: string; to: string }): Promise<void> {
    const key = `${publication.publicationId} ${publication.mediaEpoch} ${ends.to}`
    let stream = this.#streams.get(key)
    if (stream === undefined) {
      const ready = this.#carry(publication, ends)
      stream = { publicationId: publication.publicationId, ...ends, ready }
      this.#streams.set(key, stream)
      ready.catch(() => this.#streams.delete(key))
    }
    await stream.ready
  }

  /** Hosts, besides its own, to which a publication flows. */
  receiversOf(publicationId: string): string[] {
    return [...this.#streams.values()].filter((stream) => stream.publicationId === publicationId).map((stream) => stream.to)
  }

  forgetPublication(publicationId: string): void {
    for (const [key, stream] of this.#streams) {
      if (stream.publicationId === publicationId) this.#streams.delete(key)
    }
  }

  forgetHost(hostId: string): void {
    for (const [key, stream] of this.#streams) {
      if (stream.from === hostId || stream.to === hostId) this.#streams.delete(key)
    }
    for (const key of this.#pipes.keys()) {
      if (key.split(' ').includes(hostId)) this.#pipes.delete(key)
    }
  }

  /** The pipe between two hosts broke: both ends go, and what flowed through it must be carried anew. */
  async breakUp(a: string, b: string): Promise<void> {
    this.#pipes.delete(pairOf(a, b))
    for (const [key, stream] of this.#streams) {
      if (pairOf(stream.from, stream.to) === pairOf(a, b)) this.#streams.delete(key)
    }
    const epoch = this.#ports.epoch()
    await Promise.allSettled([
      this.#ports.linkTo(a).then((link) => link.peer.call('closePipe', { epoch, peerHostId: b })),
      this.#ports.linkTo(b).then((link) => link.peer.call('closePipe', { epoch, peerHostId: a })),
    ])
  }

  async #carry(publication: Publication, ends: { from: string; to: string }): Promise<void> {
    await this.#join(ends.from, ends.to)
    const [from, to] = await Promise.all([this.#ports.linkTo(ends.from), this.#ports.linkTo(ends.to)])
    const { publicationId, participantId, source } = publication
    const stream = await from.peer.call('sendToPipe', { epoch: this.#ports.epoch(), peerHostId: ends.to, publicationId })
    const receive = () =>
      to.peer.call('receiveFromPipe', {
        epoch: this.#ports.epoch(),
        peerHostId: ends.from,
        publicationId,
        participantId,
        source,
        ...stream,
      })
    try {
      await receive()
    } catch (error) {
      // The publisher was on that host before, and its old stream is still there.
      if (!(error instanceof AppError) || error.code !== 'conflict') throw error
      await to.peer.call('unpublish', { epoch: this.#ports.epoch(), publicationId })
      await receive()
    }
  }

  #join(a: string, b: string): Promise<void> {
    const key = pairOf(a, b)
    const existing = this.#pipes.get(key)
    if (existing !== undefined) return existing
    const joined = this.#connect(a, b)
    this.#pipes.set(key, joined)
    joined.catch(() => this.#pipes.delete(key))
    return joined
  }

  async #connect(a: string, b: string): Promise<void> {
    const [linkA, linkB] = await Promise.all([this.#ports.linkTo(a), this.#ports.linkTo(b)])
    const epoch = this.#ports.epoch()
    const [endA, endB] = await Promise.all([
      linkA.peer.call('openPipe', { epoch, peerHostId: b }),
      linkB.peer.call('openPipe', { epoch, peerHostId: a }),
    ])
    await Promise.all([
      linkA.peer.call('connectPipe', { epoch, peerHostId: b, peer: endB }),
      linkB.peer.call('connectPipe', { epoch, peerHostId: a, peer: endA }),
    ])
  }
}

const pairOf = (a: string, b: string): string => [a, b].toSorted().join(' ')
