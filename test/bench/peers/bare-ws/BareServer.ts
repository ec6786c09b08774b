import { join } from 'node:path'
import { WebSocket } from 'ws'
import { ChildProgram } from '../../kit/ChildProgram.ts'
import { type RelayMessage, relayMessageSchema } from './messages.ts'

/** The bare WebSocket server as a process of its own. */
export class BareServer {
  readonly #program: ChildProgram
  readonly port: number

  private constructor(program: ChildProgram, port: number) {
    this.#program = program
    this.port = port
  }

  static async start(): Promise<BareServer> {
    const ready = Promise.withResolvers<number>()
    const program = ChildProgram.start({
      command: process.execPath,
      args: [join(import.meta.dirname, 'server.ts')],
      onLine: (line) => ready.resolve(Number(line)),
    })
    return new BareServer(program, await program.whileRunning(ready.promise, { withinMs: 15_000, purpose: 'listen' }))
  }

  get pid(): number {
    return this.#program.pid
  }

  get commandLine(): string {
    return 'node test/bench/peers/bare-ws/server.ts'
  }

  connect(name: string): Promise<BareClient> {
    return BareClient.open({ port: this.port, name })
  }

  stop(): Promise<void> {
    return this.#program.stop()
  }
}

export class BareClient {
  readonly name: string
  readonly #socket: WebSocket
  #pongs = 0
  #listener: (message: RelayMessage) => void = () => undefined

  static async open(options: { port: number; name: string }): Promise<BareClient> {
    const socket = new WebSocket(`ws://127.0.0.1:${options.port}/?name=${encodeURIComponent(options.name)}`, { perMessageDeflate: false })
    await new Promise<void>((resolve, reject) => {
      socket.once('open', resolve)
      socket.once('error', reject)
    })
    return new BareClient(socket, options.name)
  }

  private constructor(socket: WebSocket, name: string) {
    this.#socket = socket
    this.name = name
    socket.on('error', () => undefined)
    socket.on('message', (data) => {
      const text = String(data)
      if (text === 'pong') this.#pongs += 1
      else this.#listener(relayMessageSchema.parse(JSON.parse(text)))
    })
  }

  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN
  }

  get pongs(): number {
    return this.#pongs
  }

  onMessage(listener: (message: RelayMessage) => void): void {
    this.#listener = listener
  }

  send(message: Omit<RelayMessage, 'from'>): void {
    this.#socket.send(JSON.stringify({ ...message, from: this.name }))
  }

  ping(): void {
    this.#socket.send('ping')
  }

  close(): void {
    this.#socket.terminate()
  }
}
