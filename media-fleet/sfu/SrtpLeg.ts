import type { types } from 'mediasoup'
import { AppError } from '#shared/errors/AppError.ts'
import type { IceParameters, TransportAnswer, TransportParameters } from '#shared/protocol/media.ts'
import type { Leg, LegOptions, LegState } from './ParticipantTransports.ts'

/** What every SRTP stack has (RFC 4568 §6.2.1). */
const cryptoSuite = 'AES_CM_128_HMAC_SHA1_80'

/**
 * RTP on a port of its own with keys from signaling, RTCP on the same port. Where the client sends,
 * the host learns its address from the first packet; where it receives, it says where.
 */
export class SrtpLeg implements Leg {
  readonly transport: types.PlainTransport
  readonly parameters: TransportParameters
  readonly #options: LegOptions
  #state: LegState | undefined

  static async create(options: LegOptions): Promise<SrtpLeg> {
    const { worker, router } = options.home
    const transport = await router.createPlainTransport({
      listenInfo: worker.listenInfo,
      rtcpMux: true,
      comedia: options.direction === 'send',
      enableSrtp: true,
      srtpCryptoSuite: cryptoSuite,
    })
    const { tuple, srtpParameters } = transport
    if (srtpParameters !== undefined) {
      const parameters: TransportParameters = { kind: 'srtp', ip: tuple.localAddress, port: tuple.localPort, srtpParameters }
      return new SrtpLeg(transport, parameters, options)
    }
    transport.close()
    throw new TypeError('An SRTP transport came without keys')
  }

  private constructor(transport: types.PlainTransport, parameters: TransportParameters, options: LegOptions) {
    this.transport = transport
    this.parameters = parameters
    this.#options = options
    transport.on('tuple', () => this.#connected())
  }

  get state(): LegState | undefined {
    return this.#state
  }

  async connect(answer: TransportAnswer): Promise<void> {
    if (answer.kind !== 'srtp') throw new TypeError('Not an answer to an SRTP transport')
    const { srtpParameters, ip, port } = answer
    // With another suite the worker would make a new key for itself, and the client holds the first one.
    if (srtpParameters.cryptoSuite !== cryptoSuite) throw refusal('cryptoSuite')
    if (this.#options.direction === 'send') return this.transport.connect({ srtpParameters })
    if (ip === undefined || port === undefined) throw refusal('addressMissing')
    await this.transport.connect({ ip, port, srtpParameters })
    this.#connected()
  }

  async restartIce(): Promise<IceParameters> {
    throw new AppError('invalidRequest', { context: { reason: 'noIce' } })
  }

  close(): void {
    this.transport.close()
  }

  #connected(): void {
    if (this.#state === 'connected') return
    this.#state = 'connected'
    this.#options.onState('connected')
  }
}

const refusal = (reason: string): AppError => new AppError('mediaRejected', { context: { reason } })
