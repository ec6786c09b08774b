import { keptAnswers } from '#shared/protocol/limits.ts'
import { AnswerTable } from '#edge/db/objects/AnswerTable.ts'

export interface Answer {
  readonly status: number
  readonly body?: unknown
}

export interface RequestKey {
  readonly sessionId: string
  /** The request's own id. */
  readonly id: string
}

/**
 * Makes a request that is sent again the same request: it is answered as before, not executed again
 * (architecture: requests are deduplicated by session and id). The last 128 answers of each session are kept.
 */
export class AnswerLog {
  readonly #table: AnswerTable
  readonly #inFlight = new Map<string, Promise<Answer>>()

  constructor(ctx: DurableObjectState) {
    this.#table = new AnswerTable(ctx.storage)
  }

  recall(sessionId: string, id: string): Answer | undefined {
    return this.#table.find(sessionId, id)
  }

  /**
   * May stand in the transaction that the request caused, so that the two cannot part. An answer that
   * says "try again later" (429, 5xx) is not kept, since its repetition is meant to be executed.
   */
  keep(sessionId: string, id: string, answer: Answer): void {
    if (answer.status === 429 || answer.status >= 500) return
    this.#table.insert(sessionId, id, answer)
    this.#table.trim(sessionId, keptAnswers)
  }

  /**
   * Answers a request once: from memory, or by waiting for the same request that still runs, or by
   * running it and keeping the answer. `run` should turn expected errors into answers, since what it
   * throws is not kept.
   */
  async once(key: RequestKey, run: () => Promise<Answer>): Promise<Answer> {
    const known = this.recall(key.sessionId, key.id)
    if (known !== undefined) return known
    const name = JSON.stringify([key.sessionId, key.id])
    const running = this.#inFlight.get(name)
    if (running !== undefined) return running
    const answer = this.#runAndKeep(key, run).finally(() => this.#inFlight.delete(name))
    this.#inFlight.set(name, answer)
    return answer
  }

  forget(sessionId: string): void {
    this.#table.remove(sessionId)
  }

  async #runAndKeep(key: RequestKey, run: () => Promise<Answer>): Promise<Answer> {
    const answer = await run()
    this.keep(key.sessionId, key.id, answer)
    return answer
  }
}
