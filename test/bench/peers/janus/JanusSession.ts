import { WebSocket } from 'ws'
import { z } from 'zod'

const descriptionSchema = z.object({ type: z.enum(['offer', 'answer']), sdp: z.string() })
export type SessionDescription = z.infer<typeof descriptionSchema>

const messageSchema = z.looseObject({
  janus: z.string(),
  transaction: z.string().optional(),
  data: z.looseObject({ id: z.number() }).optional(),
  error: z.looseObject({ reason: z.string() }).optional(),
  plugindata: z.looseObject({ data: z.record(z.string(), z.unknown()) }).optional(),
  jsep: descriptionSchema.optional(),
})
type Message = z.infer<typeof messageSchema>

export interface PluginAnswer {
  readonly data: Readonly<Record<string, unknown>>
  readonly description: SessionDescription | undefined
}

const answerWithinMs = 10_000

/** One session with one plugin handle over Janus's WebSocket API. */
export class JanusSession {
  readonly #socket: WebSocket
  readonly #waiting = new Map<string, (message: Message) => boolean>()
  readonly #connected = Promise.withResolvers<void>()
  readonly #keepAlive: NodeJS.Timeout
  #sessionId = 0
  #handleId = 0
  #nextTransaction = 1

  static async open(options: { port: number; plugin: string }): Promise<JanusSession> {
    const socket = new WebSocket(`ws://127.0.0.1:${options.port}`, 'janus-protocol')
    await new Promise<void>((resolve, reject) => {
      socket.once('open', resolve)
      socket.once('error', reject)
    })
    const session = new JanusSession(socket)
    session.#sessionId = await session.#create({ janus: 'create' })
    session.#handleId = await session.#create({ janus: 'attach', plugin: options.plugin, session_id: session.#sessionId })
    return session
  }

  private constructor(socket: WebSocket) {
    this.#socket = socket
    this.#keepAlive = setInterval(() => this.#send({ janus: 'keepalive', session_id: this.#sessionId }, () => true), 20_000)
    socket.on('message', (data) => {
      const message = messageSchema.parse(JSON.parse(String(data)))
      if (message.janus === 'webrtcup') return this.#connected.resolve()
      const { transaction } = message
      if (transaction !== undefined && this.#waiting.get(transaction)?.(message) === true) this.#waiting.delete(transaction)
    })
  }

  /** Resolves once this handle's PeerConnection is up. */
  get connected(): Promise<void> {
    return this.#connected.promise
  }

  /** Asks the plugin, and waits for its own answer rather than the acknowledgement. */
  async ask(body: Readonly<Record<string, unknown>>, description?: SessionDescription): Promise<PluginAnswer> {
    const message = await this.#request({
      janus: 'message',
      session_id: this.#sessionId,
      handle_id: this.#handleId,
      body,
      ...(description === undefined ? {} : { jsep: description }),
    })
    const data = message.plugindata?.data ?? {}
    if ('error' in data) throw new Error(`Janus refuses ${String(body['request'])}: ${String(data['error'])}`)
    return { data, description: message.jsep }
  }

  close(): void {
    clearInterval(this.#keepAlive)
    this.#socket.close()
  }

  async #create(request: Readonly<Record<string, unknown>>): Promise<number> {
    const { data } = await this.#request(request)
    if (data === undefined) throw new TypeError('Janus gave no id')
    return data.id
  }

  #request(request: Readonly<Record<string, unknown>>): Promise<Message> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`Janus does not answer ${JSON.stringify(request)}`)), answerWithinMs)
      this.#send(request, (message) => {
        if (message.janus === 'ack') return false
        clearTimeout(timer)
        if (message.janus === 'error') reject(new Error(`Janus refuses: ${message.error?.reason}`))
        else resolve(message)
        return true
      })
    })
  }

  #send(request: Readonly<Record<string, unknown>>, onAnswer: (message: Message) => boolean): void {
    const transaction = String(this.#nextTransaction++)
    this.#waiting.set(transaction, onAnswer)
    this.#socket.send(JSON.stringify({ ...request, transaction }))
  }
}
