import { z } from 'zod'
import type { Log } from '#infra/system/progress.ts'
import { ChildProgram } from '../kit/ChildProgram.ts'
import { ensureLoadGenerator } from './build.ts'
import type { StreamShape } from './shapes.ts'

const quantilesSchema = z.object({ p50: z.number(), p95: z.number(), p99: z.number(), max: z.number() })

const windowSchema = z.object({
  type: z.literal('window'),
  seconds: z.number(),
  senders: z.number(),
  /** Streams that were expected back. */
  receivers: z.number(),
  sent: z.number(),
  droppedOnPurpose: z.number(),
  /** Packets over all receivers. */
  expected: z.number(),
  received: z.number(),
  /** On the wire, headers and tags included, of those received. */
  bytes: z.number(),
  repeated: z.number(),
  /** Failed their authentication. */
  forged: z.number(),
  /** Of SSRCs that nobody expects. */
  unknown: z.number(),
  alien: z.number(),
  rtcp: z.number(),
  /** Share of the stream that lost most. */
  worstLoss: z.number(),
  /** Streams that lost more than 0.5 %. */
  badStreams: z.number(),
  silentStreams: z.number(),
  sendErrors: z.number(),
  /** Arrivals that the generator's own socket had no room for. */
  socketDrops: z.number(),
  /** Frames not sent because the generator got no processor time. */
  movedFrames: z.number(),
  /** From the generator's send call to the kernel's receipt of the forwarded packet, in microseconds. */
  transitUs: quantilesSchema,
  /** How late frames were sent, in microseconds. */
  latenessUs: quantilesSchema,
  cpuSeconds: z.number(),
})
export type LoadWindow = z.infer<typeof windowSchema> & { readonly loss: number }

const lineSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready'), port: z.number() }),
  z.object({ type: z.literal('error'), message: z.string() }),
  windowSchema,
])

export interface SendOptions {
  /** Where to. */
  readonly ip: string
  readonly port: number
  readonly ssrc: number
  readonly payloadType: number
  readonly shape: StreamShape
  /** Id of the RFC 6464 extension that carries the level; without it, none is sent. */
  readonly levelExtension?: number
  /** Base64 of an AES_CM_128_HMAC_SHA1_80 key and salt; without it, plain RTP. */
  readonly key?: string
}

/** The native generator: sends RTP and SRTP streams, expects them back from a server, and counts what is missing. */
export class LoadGenerator {
  readonly #program: ChildProgram
  readonly #opened = Promise.withResolvers<number>()
  readonly #windows: LoadWindow[] = []
  readonly #errors: string[] = []
  #port = 0
  #wake: (() => void) | undefined
  #nextId = 1

  /** Opens its socket on a free port of `ip`, 127.0.0.1 by default. */
  static async start(options: { ip?: string; log: Log }): Promise<LoadGenerator> {
    const binary = await ensureLoadGenerator({ log: options.log })
    const generator = new LoadGenerator({ command: binary, args: [options.ip ?? '127.0.0.1', '0'] })
    const opened = generator.#opened.promise
    generator.#port = await generator.#program.whileRunning(opened, { withinMs: 15_000, purpose: 'open its socket' })
    return generator
  }

  private constructor(program: { command: string; args: readonly string[] }) {
    this.#program = ChildProgram.start({ ...program, onLine: (line) => this.#handle(line) })
  }

  /** Where it receives, and sends from. */
  get port(): number {
    return this.#port
  }

  get pid(): number {
    return this.#program.pid
  }

  get commandLine(): string {
    return this.#program.commandLine.replace(/^.*\//, '')
  }

  /** Starts a stream; gives its id. */
  send(options: SendOptions): number {
    const { shape } = options
    const id = this.#nextId++
    const fields = [
      ...['send', id, options.ip, options.port, options.ssrc, options.payloadType, shape.kind, shape.frameIntervalUs],
      ...[shape.packetsPerFrame, shape.payloadBytes, shape.ticksPerFrame, shape.framesPerKeyFrame, options.levelExtension ?? 0],
      options.key ?? '-',
    ]
    this.#program.write(`${fields.join(' ')}\n`)
    return id
  }

  /** Expects a stream back under this SSRC. */
  expect(sourceId: number, options: { ssrc: number; key?: string }): void {
    this.#program.write(`recv ${sourceId} ${options.ssrc} ${options.key ?? '-'}\n`)
  }

  /** Takes effect with the frame after the next. */
  reshape(id: number, shape: Pick<StreamShape, 'frameIntervalUs' | 'payloadBytes'>): void {
    this.#program.write(`shape ${id} ${shape.frameIntervalUs} ${shape.payloadBytes}\n`)
  }

  stopSending(id: number): void {
    this.#program.write(`stop ${id}\n`)
  }

  /** Leaves out this share of all packets from now on, as a network that loses them. */
  dropOnPurpose(share: number): void {
    this.#program.write(`drop ${share}\n`)
  }

  /** Measures for so long. Rejects where the generator has complained of a command meanwhile. */
  async measure(milliseconds: number): Promise<LoadWindow> {
    this.#program.write(`window ${Math.round(milliseconds)}\n`)
    const arrival = async (): Promise<LoadWindow> => {
      for (;;) {
        const window = this.#windows.shift()
        if (window !== undefined) return window
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
      }
    }
    const window = await this.#program.whileRunning(arrival(), { withinMs: milliseconds + 15_000, purpose: 'report' })
    if (this.#errors.length > 0) throw new Error(`The load generator complains: ${this.#errors.splice(0).join('; ')}`)
    return window
  }

  async close(): Promise<void> {
    await this.#program.stop()
  }

  #handle(line: string): void {
    const message = lineSchema.parse(JSON.parse(line))
    if (message.type === 'ready') return this.#opened.resolve(message.port)
    if (message.type === 'error') this.#errors.push(message.message)
    else this.#windows.push({ ...message, loss: message.expected === 0 ? 0 : 1 - message.received / message.expected })
    this.#wake?.()
  }
}
