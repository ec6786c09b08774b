import type { z } from 'zod'
import { errorBodySchema } from '#shared/errors/error-body.ts'
import type { Request, Response } from '#shared/protocol/wapi/frames.ts'
import { RingwayError } from '../RingwayError.ts'

interface Pending {
  readonly frame: Request
  readonly settle: (response: Response) => void
  readonly reject: (error: RingwayError) => void
  readonly timer: ReturnType<typeof setTimeout>
  /** Belongs to one connection and ends with it. */
  readonly bound: boolean
  /** Must precede all others when they are sent again. */
  readonly first: boolean
}

/**
 * Requests that wait for their answers, in the order they were made. They outlive connections: what is
 * unanswered is sent again, under the same id, which the server recognizes.
 */
export class PendingRequests {
  readonly #pending = new Map<string, Pending>()

  get size(): number {
    return this.#pending.size
  }

  add<Answer extends z.ZodType>(
    frame: Request,
    options: { answer: Answer; timeout: number; bound?: boolean; first?: boolean },
  ): Promise<z.infer<Answer>> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#pending.delete(frame.id)
        reject(new RingwayError({ code: 'timeout', message: `No answer to ${frame.method} ${frame.resource}.`, retryable: true }))
      }, options.timeout)
      const settle = (response: Response): void => {
        if (response.status >= 400) return reject(errorOf(response))
        const parsed = options.answer.safeParse(response.body ?? {})
        if (parsed.success) resolve(parsed.data)
        else reject(RingwayError.ofDevice('invalidAnswer', { cause: parsed.error }))
      }
      this.#pending.set(frame.id, { frame, settle, reject, timer, bound: options.bound === true, first: options.first === true })
    })
  }

  /** False where nobody waits for it: an answer that came twice, or too late. */
  handleResponse(response: Response): boolean {
    const pending = response.id === null ? undefined : this.#take(response.id)
    pending?.settle(response)
    return pending !== undefined
  }

  /** What to send again once the session is resumed. */
  unanswered(): Request[] {
    const waiting = [...this.#pending.values()].filter((pending) => !pending.bound)
    return waiting.toSorted((a, b) => Number(b.first) - Number(a.first)).map((pending) => pending.frame)
  }

  /** The connection is gone: what was bound to it fails. */
  connectionLost(): void {
    for (const { frame, bound } of [...this.#pending.values()]) {
      if (bound) this.#take(frame.id)?.reject(RingwayError.ofDevice('networkUnreachable'))
    }
  }

  rejectAll(error: RingwayError): void {
    for (const id of [...this.#pending.keys()]) this.#take(id)?.reject(error)
  }

  #take(id: string): Pending | undefined {
    const pending = this.#pending.get(id)
    if (pending === undefined) return undefined
    this.#pending.delete(id)
    clearTimeout(pending.timer)
    return pending
  }
}

function errorOf(response: Response): RingwayError {
  const body = errorBodySchema.safeParse(response.body)
  if (body.success) return RingwayError.ofBody(body.data, { status: response.status })
  return RingwayError.ofDevice('invalidAnswer', { cause: response })
}
