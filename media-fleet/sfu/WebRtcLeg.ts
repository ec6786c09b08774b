import type { types } from 'mediasoup'
import { AppError } from '#shared/errors/AppError.ts'
import type { IceParameters, TransportAnswer, TransportParameters } from '#shared/protocol/media.ts'
import type { Leg, LegOptions, LegState } from './ParticipantTransports.ts'

/** Bits per second a receiver is taken to have before its bandwidth is estimated. */
const initialOutgoingBitrate = 1_000_000

/** ICE and DTLS-SRTP over the worker's WebRtcServer: UDP preferred, TCP where UDP is blocked. */
export class WebRtcLeg implements Leg {
  readonly transport: types.WebRtcTransport
  readonly #onState: LegOptions['onState']
  readonly #iceServers: LegOptions['iceServers']
  #state: LegState | undefined

  static async create(options: LegOptions): Promise<WebRtcLeg> {
    const { worker, router } = options.home
    const transport = await router.createWebRtcTransport({
      webRtcServer: worker.webRtcServer,
      enableUdp: true,
      enableTcp: true,
      preferUdp: true,
      ...(options.direction === 'recv' ? { initialAvailableOutgoingBitrate: initialOutgoingBitrate } : {}),
    })
    return new WebRtcLeg(transport, options)
  }

  private constructor(transport: types.WebRtcTransport, options: LegOptions) {
    this.transport = transport
    this.#onState = options.onState
    this.#iceServers = options.iceServers
    transport.on('icestatechange', () => this.#update())
    transport.on('dtlsstatechange', () => this.#update())
  }

  get parameters(): TransportParameters {
    const { iceParameters, iceCandidates, dtlsParameters } = this.transport
    const iceServers = this.#iceServers.length === 0 ? {} : { iceServers: [...this.#iceServers] }
    return { kind: 'webrtc', iceParameters, iceCandidates, dtlsParameters, ...iceServers }
  }

  get state(): LegState | undefined {
    return this.#state
  }

  async connect(answer: TransportAnswer): Promise<void> {
    if (answer.kind !== 'webrtc') throw new TypeError('Not an answer to a WebRTC transport')
    await this.transport.connect({ dtlsParameters: answer.dtlsParameters })
  }

  async restartIce(): Promise<IceParameters> {
    if (this.transport.closed) throw new AppError('mediaUnavailable')
    return this.transport.restartIce()
  }

  close(): void {
    this.transport.close()
  }

  #update(): void {
    if (this.transport.closed) return
    const state = stateOf(this.transport)
    if (state === undefined || state === this.#state) return
    this.#state = state
    this.#onState(state)
  }
}

/** A peer that closes DTLS has left for good; ICE without consent (RFC 7675) may come back by a restart. */
function stateOf({ iceState, dtlsState }: types.WebRtcTransport): LegState | undefined {
  if (dtlsState === 'failed') return 'failed'
  if (dtlsState === 'closed' || iceState === 'closed') return 'closed'
  if (iceState === 'disconnected') return 'disconnected'
  if (iceState === 'new') return undefined
  return dtlsState === 'connected' ? 'connected' : 'connecting'
}
