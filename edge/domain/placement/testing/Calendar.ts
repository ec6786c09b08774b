/** Changes by the step of simulated time in which they fall. */
export class Calendar {
  readonly #stepMs: number
  readonly #steps = new Map<number, (() => void)[]>()

  constructor(options: { stepMs: number }) {
    this.#stepMs = options.stepMs
  }

  /** `at` in milliseconds, in the future. */
  add(at: number, change: () => void): void {
    const step = Math.ceil(at / this.#stepMs)
    const others = this.#steps.get(step)
    if (others === undefined) this.#steps.set(step, [change])
    else others.push(change)
  }

  /** The changes of one step, in the order in which they were added. */
  take(now: number): readonly (() => void)[] {
    const step = now / this.#stepMs
    const changes = this.#steps.get(step) ?? []
    this.#steps.delete(step)
    return changes
  }
}
