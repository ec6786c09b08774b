import { env } from 'cloudflare:workers'
import { z } from 'zod'
import { type HostLoad, hostNotifications } from '#shared/protocol/fleet/host-link.ts'
import { keepAlive } from '#shared/protocol/wapi/frames.ts'
import { sha256 } from '#edge/auth/bytes.ts'
import { hostKeyHeader } from '#edge/domain/forwarding.ts'
import { mediaHostName } from '#edge/domain/object-names.ts'
import type { Env } from '#edge/env.ts'
import type { MediaHost } from '../MediaHost.ts'

export const edge = env as unknown as Env

export const idleLoad: HostLoad = { cpu: 0, rooms: 0, participants: 0, producers: 0, consumers: 0, draining: false }

const questionSchema = z.object({ id: z.number(), method: z.string(), params: z.record(z.string(), z.unknown()) })
type Question = z.infer<typeof questionSchema>

/** One media host's end of the control link. */
export class TestHost {
  readonly hostId: string
  readonly key: string
  readonly region: string
  readonly stub: DurableObjectStub<MediaHost>
  bootId = crypto.randomUUID()
  /** What the edge has asked on the present socket. */
  asked: Question[] = []
  /** Answers each question; undefined: stays silent. */
  answer: (question: Question) => object | undefined = () => ({ result: {} })
  closed: Promise<{ code: number; reason: string }> = new Promise(() => undefined)
  #socket: WebSocket | undefined
  #kept: () => void = () => undefined

  /** Enrols a host of its own region, so that tests do not meet in a dispatcher. */
  static async enrol(options: { region?: string } = {}): Promise<TestHost> {
    const host = new TestHost({ hostId: crypto.randomUUID(), region: options.region ?? `r-${crypto.randomUUID().slice(0, 13)}` })
    await host.stub.enrol({ hostId: host.hostId, region: host.region, name: 'host.example', keyHash: await sha256(host.key) })
    return host
  }

  constructor(options: { hostId: string; region: string; key?: string }) {
    this.hostId = options.hostId
    this.region = options.region
    this.key = options.key ?? `key-of-${options.hostId}`
    this.stub = edge.MEDIA_HOST.getByName(mediaHostName(this.hostId))
  }

  /** Dials the object as the Worker's route does after it has looked at the request. */
  async dial(headers: Record<string, string> = {}): Promise<Response> {
    return this.stub.fetch('https://object/socket', {
      headers: { upgrade: 'websocket', 'sec-websocket-protocol': 'ringway.fleet.v1', [hostKeyHeader]: await sha256(this.key), ...headers },
    })
  }

  /** Dials and greets; resolves once the edge counts the host as connected. */
  async connect(options: { load?: Partial<HostLoad>; capacity?: number; response?: Response } = {}): Promise<void> {
    const { webSocket } = options.response ?? (await this.dial())
    if (webSocket === null) throw new Error('Not upgraded')
    this.take(webSocket)
    this.hello(options)
    await this.until(async () => (await this.stub.status()).bootId === this.bootId)
  }

  take(socket: WebSocket): void {
    this.#socket = socket
    this.asked = []
    this.closed = new Promise((resolve) => {
      socket.addEventListener('close', ({ code, reason }) => resolve({ code, reason }))
    })
    socket.addEventListener('message', ({ data }) => {
      if (data === keepAlive.response) return this.#kept()
      const question = questionSchema.parse(JSON.parse(String(data)))
      this.asked.push(question)
      const answer = this.answer(question)
      if (answer !== undefined) socket.send(JSON.stringify({ id: question.id, ...answer }))
    })
    socket.accept()
  }

  hello(options: { load?: Partial<HostLoad>; capacity?: number } = {}): void {
    const description = { bootId: this.bootId, region: this.region, version: '1.0.0', workers: 2, capacity: options.capacity ?? 1000 }
    this.notify('hello', hostNotifications.hello.parse({ ...description, videoCodecs: ['VP8'], load: { ...idleLoad, ...options.load } }))
  }

  load(load: Partial<HostLoad>): void {
    this.notify('load', { ...idleLoad, ...load })
  }

  notify(name: string, params: unknown): void {
    this.send(JSON.stringify({ notify: name, params }))
  }

  /** Resolves when the runtime has answered. */
  async keepAlive(): Promise<void> {
    const answered = new Promise<void>((resolve) => {
      this.#kept = resolve
    })
    this.send(keepAlive.request)
    await answered
  }

  send(frame: string | ArrayBuffer): void {
    this.#socket?.send(frame)
  }

  hangUp(): void {
    this.#socket?.close(1000, 'gone')
  }

  /** Waits for what the edge does in its own time. */
  async until(holds: () => boolean | Promise<boolean>): Promise<void> {
    for (let tries = 0; tries < 3000; tries++) {
      if (await holds()) return
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    throw new Error(`Waited in vain for ${holds.toString()}`)
  }
}
