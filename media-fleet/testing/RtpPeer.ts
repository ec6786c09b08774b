import { createSocket, type Socket } from 'node:dgram'
import type { TransportAnswer, TransportParameters } from '#shared/protocol/media.ts'
import { isRtcp, rtpHeaderLength, SrtpContext } from './SrtpContext.ts'

export interface ReceivedRtp {
  readonly ssrc: number
  readonly sequence: number
  readonly payload: Buffer
}

/** A UDP endpoint that speaks SRTP with one transport of a media host. */
export class RtpPeer {
  readonly rtp: ReceivedRtp[] = []
  /** Decrypted compound packets. */
  readonly rtcp: Buffer[] = []
  readonly #socket: Socket
  readonly #parameters = SrtpContext.newParameters()
  readonly #outgoing = new SrtpContext(this.#parameters)
  #far: { ip: string; port: number; incoming: SrtpContext } | undefined

  static async open(): Promise<RtpPeer> {
    const socket = createSocket('udp4')
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
    return new RtpPeer(socket)
  }

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on('message', (packet) => this.#receive(packet))
  }

  /** What to answer to a transport of the host. */
  get answer(): TransportAnswer {
    return { kind: 'srtp', srtpParameters: this.#parameters, ip: '127.0.0.1', port: this.#socket.address().port }
  }

  /** The host's transport: where to send, and the key it sends with. */
  meet(parameters: TransportParameters): void {
    if (parameters.kind !== 'srtp') throw new TypeError('Not an SRTP transport')
    this.#far = { ip: parameters.ip, port: parameters.port, incoming: new SrtpContext(parameters.srtpParameters) }
  }

  sendRtp(packet: Buffer): Promise<void> {
    return this.#send(this.#outgoing.protectRtp(packet))
  }

  sendRtcp(packet: Buffer): Promise<void> {
    return this.#send(this.#outgoing.protectRtcp(packet))
  }

  close(): void {
    this.#socket.close()
  }

  #send(packet: Buffer): Promise<void> {
    const far = this.#far
    if (far === undefined) throw new TypeError('Nobody to send to')
    return new Promise((resolve, reject) => {
      this.#socket.send(packet, far.port, far.ip, (error) => (error === null ? resolve() : reject(error)))
    })
  }

  #receive(packet: Buffer): void {
    const context = this.#far?.incoming
    if (context === undefined) return
    if (isRtcp(packet)) {
      this.rtcp.push(context.unprotectRtcp(packet))
      return
    }
    const plain = context.unprotectRtp(packet)
    this.rtp.push({ ssrc: plain.readUInt32BE(8), sequence: plain.readUInt16BE(2), payload: plain.subarray(rtpHeaderLength(plain)) })
  }
}
