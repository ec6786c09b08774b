import { z } from 'zod'
import { freeUdpPort } from '../../kit/free-port.ts'
import { JanusServer } from './JanusServer.ts'
import type { JanusSession } from './JanusSession.ts'

export interface ForwardTarget {
  readonly port: number
  readonly ssrc: number
  /** SDES key of AES_CM_128_HMAC_SHA1_80; without it, plain RTP. */
  readonly key?: string
}

const payloadType = 111
const roomId = 4711
const mountpointId = 1

const joinedSchema = z.looseObject({ id: z.number() })

/**
 * One stream into Janus and many out of it, as plain RTP on both sides. VideoRoom forwards RTP to any
 * number of addresses, but takes it from WebRTC publishers only: a second Janus turns the incoming
 * RTP (Streaming plugin) into such a publisher. Only the first one is measured.
 */
export class JanusFanOut {
  /** Where the stream goes in, as plain RTP of payload type 111. */
  readonly inPort: number
  readonly #measured: JanusServer
  readonly #feeder: JanusServer
  readonly #sessions: JanusSession[] = []
  #publisherId = 0

  private constructor(measured: JanusServer, feeder: JanusServer, inPort: number) {
    this.#measured = measured
    this.#feeder = feeder
    this.inPort = inPort
  }

  /** @param options.rtpPorts `min-max` for the WebRTC leg between the two. */
  static async start(options: { rtpPorts: string }): Promise<JanusFanOut> {
    const inPort = await freeUdpPort()
    const measured = await JanusServer.start({ name: 'measured', rtpPorts: options.rtpPorts })
    const feeder = await JanusServer.start({ name: 'feeder', rtpPorts: options.rtpPorts }).catch(async (error: unknown) => {
      await measured.stop()
      throw error
    })
    const fanOut = new JanusFanOut(measured, feeder, inPort)
    try {
      await fanOut.#connect()
      return fanOut
    } catch (error) {
      await fanOut.stop()
      throw error
    }
  }

  /** Of the process that forwards. */
  get pid(): number {
    return this.#measured.pid
  }

  get commandLine(): string {
    return this.#measured.commandLine
  }

  get payloadType(): number {
    return payloadType
  }

  /** Forwards the stream to each of these. */
  async forward(targets: readonly ForwardTarget[]): Promise<void> {
    const [room] = this.#sessions
    if (room === undefined) throw new TypeError('Not connected')
    // One request each: a key belongs to all streams of a request.
    for (const { port, ssrc, key } of targets) {
      await room.ask({
        request: 'rtp_forward',
        room: roomId,
        publisher_id: this.#publisherId,
        host: '127.0.0.1',
        streams: [{ mid: '0', port, ssrc, pt: payloadType }],
        ...(key === undefined ? {} : { srtp_suite: 80, srtp_crypto: key }),
      })
    }
  }

  async stop(): Promise<void> {
    for (const session of this.#sessions) session.close()
    await Promise.all([this.#measured.stop(), this.#feeder.stop()])
  }

  async #connect(): Promise<void> {
    const room = await this.#measured.attach('videoroom')
    this.#sessions.push(room)
    await room.ask({ request: 'create', room: roomId, permanent: false, audiocodec: 'opus', audiolevel_ext: false, publishers: 1 })
    const { data: joined } = await room.ask({ request: 'join', ptype: 'publisher', room: roomId })
    this.#publisherId = joinedSchema.parse(joined).id

    const stream = await this.#feeder.attach('streaming')
    this.#sessions.push(stream)
    await stream.ask({
      request: 'create',
      type: 'rtp',
      id: mountpointId,
      media: [{ type: 'audio', mid: '0', port: this.inPort, pt: payloadType, codec: 'opus', host: '127.0.0.1' }],
    })
    const { description: offer } = await stream.ask({ request: 'watch', id: mountpointId })
    if (offer === undefined) throw new TypeError('The Streaming plugin made no offer')
    const { description: answer } = await room.ask({ request: 'publish', audiocodec: 'opus' }, offer)
    if (answer === undefined) throw new TypeError('VideoRoom made no answer')
    await stream.ask({ request: 'start' }, answer)
    await Promise.all([room.connected, stream.connected])
  }
}
