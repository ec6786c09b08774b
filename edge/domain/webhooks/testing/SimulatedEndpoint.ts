import { admission, type Endpoint, newEndpoint, opensAt, settle } from '../delivery.ts'
import type { Outcome } from '../outcome.ts'

interface Lane {
  readonly name: string
  readonly waiting: number[]
  tries: number
  dueAt: number
}

export interface Attempt {
  readonly lane: string
  readonly event: number
  readonly at: number
}

/** An endpoint with its queue in memory and a clock of its own, driven as the object drives the real one. */
export class SimulatedEndpoint {
  endpoint: Endpoint = newEndpoint
  now = 0
  readonly attempts: Attempt[] = []
  readonly delivered: Attempt[] = []
  readonly dead: Attempt[] = []
  /** Most attempts under way at once. */
  busiest = 0
  readonly #lanes = new Map<string, Lane>()
  readonly #inFlight = new Map<string, Attempt>()
  readonly #random: () => number
  #accepted = 0

  constructor(options: { random: () => number }) {
    this.#random = options.random
  }

  get accepted(): number {
    return this.#accepted
  }

  get inFlight(): readonly Attempt[] {
    return [...this.#inFlight.values()]
  }

  get isIdle(): boolean {
    return this.#inFlight.size === 0 && [...this.#lanes.values()].every(({ waiting }) => waiting.length === 0)
  }

  accept(name: string): void {
    const lane = this.#lanes.get(name) ?? { name, waiting: [], tries: 0, dueAt: this.now }
    lane.waiting.push(this.#accepted++)
    this.#lanes.set(name, lane)
    this.pump()
  }

  pump(): void {
    for (;;) {
      const admitted = admission(this.endpoint, { inFlight: this.#inFlight.size, now: this.now })
      this.endpoint = admitted.endpoint
      const due = [...this.#lanes.values()].filter((lane) => this.#isReady(lane) && lane.dueAt <= this.now)
      const [lane] = due.toSorted((a, b) => (admitted.probe ? a.tries - b.tries : 0) || a.dueAt - b.dueAt)
      if (admitted.slots === 0 || lane === undefined) return
      const attempt = { lane: lane.name, event: lane.waiting[0] ?? -1, at: this.now }
      this.#inFlight.set(lane.name, attempt)
      this.attempts.push(attempt)
      this.busiest = Math.max(this.busiest, this.#inFlight.size)
    }
  }

  /** The consumer has answered. */
  answer(laneName: string, outcome: Outcome): void {
    const attempt = this.#inFlight.get(laneName)
    const lane = this.#lanes.get(laneName)
    if (attempt === undefined || lane === undefined) return
    this.#inFlight.delete(laneName)
    const settled = settle(this.endpoint, { tries: lane.tries, outcome }, { now: this.now, random: this.#random })
    this.endpoint = settled.endpoint
    if (settled.settlement.type === 'waiting') {
      lane.tries = settled.settlement.tries
      lane.dueAt = settled.settlement.dueAt
    } else {
      ;(settled.settlement.type === 'dead' ? this.dead : this.delivered).push(attempt)
      lane.waiting.shift()
      lane.tries = 0
      lane.dueAt = this.now
    }
    if (settled.recovered) for (const other of this.#lanes.values()) other.dueAt = Math.min(other.dueAt, this.now)
    this.pump()
  }

  /** The object is gone and back: it knows nothing of what was under way. */
  restart(): void {
    this.#inFlight.clear()
    this.pump()
  }

  /** To the next moment at which something may start; false where nothing waits for time. */
  sleep(): boolean {
    const dues = [...this.#lanes.values()].filter((lane) => this.#isReady(lane)).map(({ dueAt }) => dueAt)
    const opening = opensAt(this.endpoint, this.now)
    if (dues.length === 0 || opening === null) return false
    this.now = Math.max(this.now, opening, Math.min(...dues))
    this.pump()
    return true
  }

  #isReady(lane: Lane): boolean {
    return lane.waiting.length > 0 && !this.#inFlight.has(lane.name)
  }
}
