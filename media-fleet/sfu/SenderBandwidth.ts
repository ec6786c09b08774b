import type { types } from 'mediasoup'
import type { BandwidthCaps } from '#shared/protocol/fleet/room-link.ts'
import { afterReport, type BandwidthState, currentCap, startBandwidth, withInitial } from './bandwidth-rule.ts'
import type { Publication } from './Publication.ts'
import type { NotifyRoom } from './room-calls.ts'

/** Bits per second beside its video that a participant may send: microphone, a screen's sound, retransmissions. */
const audioAllowance = 256_000

/** 0 is how mediasoup says "no limit". */
const unlimited = 0

interface CappedSource {
  readonly publication: Publication
  state: BandwidthState
  counted: { received: number; lost: number }
  /** The cap last told to the room. */
  told: number | undefined
}

export interface PacketCount {
  readonly received: number
  readonly lost: number
}

/**
 * Holds a participant's video sources to their caps (SFU-3): the worker asks the sender, by REMB
 * (draft-alvestrand-rmcat-remb), for no more than the sum, and the room is told each source's cap
 * so that its encoder follows.
 */
export class SenderBandwidth {
  readonly #transport: types.Transport
  readonly #notify: NotifyRoom
  readonly #sources = new Map<string, CappedSource>()
  #caps: BandwidthCaps
  #limit = unlimited

  constructor(options: { transport: types.Transport; caps: BandwidthCaps; notify: NotifyRoom }) {
    this.#transport = options.transport
    this.#caps = options.caps
    this.#notify = options.notify
  }

  /** Takes charge of a video publication until it closes. */
  async add(publication: Publication): Promise<void> {
    const { publicationId, source } = publication
    this.#sources.set(publicationId, {
      publication,
      state: startBandwidth(capOf(source, this.#caps)),
      counted: { received: 0, lost: 0 },
      told: undefined,
    })
    publication.onClosed(() => {
      this.#sources.delete(publicationId)
      void this.#enforce().catch(() => undefined)
    })
    await this.#enforce()
  }

  async setCaps(caps: BandwidthCaps): Promise<void> {
    this.#caps = caps
    for (const source of this.#sources.values()) source.state = withInitial(source.state, capOf(source.publication.source, caps))
    await this.#enforce()
  }

  /** Forgets what the room was told, as the room may have been elsewhere: all caps are told again. */
  tellAgain(): void {
    for (const source of this.#sources.values()) source.told = undefined
  }

  /** Looks at the loss since the last look. Gives back the packets it counted. */
  async inspect(): Promise<PacketCount> {
    let [received, lost] = [0, 0]
    for (const source of this.#sources.values()) {
      const report = await countSince(source)
      received += report.received
      lost += report.lost
      source.state = afterReport(source.state, report)
    }
    await this.#enforce()
    for (const source of this.#sources.values()) this.#tell(source)
    return { received, lost }
  }

  async #enforce(): Promise<void> {
    const caps = [...this.#sources.values()].map(({ state }) => currentCap(state))
    const limit = caps.length === 0 ? unlimited : audioAllowance + caps.reduce((sum, cap) => sum + cap, 0)
    if (limit === this.#limit || this.#transport.closed) return
    this.#limit = limit
    await this.#transport.setMaxIncomingBitrate(limit)
  }

  #tell(source: CappedSource): void {
    const maxBitrate = currentCap(source.state)
    if (source.told === maxBitrate) return
    source.told = maxBitrate
    this.#notify('bandwidth', { publicationId: source.publication.publicationId, maxBitrate })
  }
}

/** A late packet takes back what was counted as lost; an interval cannot have lost less than nothing. */
async function countSince(source: CappedSource): Promise<PacketCount> {
  const now = await source.publication.countPackets()
  const { counted } = source
  source.counted = now
  return { received: Math.max(0, now.received - counted.received), lost: Math.max(0, now.lost - counted.lost) }
}

const capOf = (source: string, caps: BandwidthCaps): number => (source === 'screen' ? caps.screen : caps.camera)
