import type { WebSocket } from 'ws'
import { AppError } from '#shared/errors/AppError.ts'
import { fleetFrameSchema, type ParamsOf, type ProcedureTable, type ResultOf } from '#shared/protocol/fleet/frames.ts'

interface Pending {
  readonly resolve: (result: unknown) => void
  readonly reject: (error: Error) => void
  readonly timer: NodeJS.Timeout
}

const answerWithinMs = 20_000

/** The edge's end of one fleet link: asks its procedures, hears its notifications. */
export class StandInLink<Procedures extends ProcedureTable> {
  readonly #socket: WebSocket
  readonly #procedures: Procedures
  readonly #pending = new Map<number, Pending>()
  #nextId = 1
  #notifications = 0

  constructor(socket: WebSocket, options: { procedures: Procedures; onNotification?: (name: string, params: unknown) => void }) {
    this.#socket = socket
    this.#procedures = options.procedures
    socket.on('message', (data) => {
      const text = String(data)
      if (text === 'ping') return socket.send('pong')
      const frame = fleetFrameSchema.parse(JSON.parse(text))
      if ('notify' in frame) {
        this.#notifications += 1
        options.onNotification?.(frame.notify, frame.params)
      } else if ('error' in frame) {
        this.#settle(frame.id, ({ reject }) => reject(new Error(`The media host refuses: ${frame.error.code} ${frame.error.message}`)))
      } else if ('result' in frame) {
        this.#settle(frame.id, ({ resolve }) => resolve(frame.result))
      }
    })
    socket.on('close', () => {
      for (const id of [...this.#pending.keys()]) this.#settle(id, ({ reject }) => reject(new AppError('unavailable')))
    })
  }

  /** Notifications that have come. */
  get notifications(): number {
    return this.#notifications
  }

  async ask<Name extends keyof Procedures & string>(name: Name, params: ParamsOf<Procedures[Name]>): Promise<ResultOf<Procedures[Name]>> {
    const procedure = this.#procedures[name]
    if (procedure === undefined) throw new TypeError(`Not a procedure of this link: ${name}`)
    const id = this.#nextId++
    const answer = await new Promise<unknown>((resolve, reject) => {
      const timer = setTimeout(() => this.#settle(id, ({ reject: fail }) => fail(new Error(`No answer to ${name}`))), answerWithinMs)
      this.#pending.set(id, { resolve, reject, timer })
      this.#socket.send(JSON.stringify({ id, method: name, params }))
    })
    // The generic table erases which schema this is; the parse establishes the shape.
    return procedure.result.parse(answer) as ResultOf<Procedures[Name]>
  }

  #settle(id: number, how: (pending: Pending) => void): void {
    const pending = this.#pending.get(id)
    if (pending === undefined) return
    this.#pending.delete(id)
    clearTimeout(pending.timer)
    how(pending)
  }
}
