import type { Log } from '#infra/system/progress.ts'
import type { Report } from './report.ts'

export interface BenchContext {
  /** Fewer and shorter measurements, for a look or a test. */
  readonly quick: boolean
  /** `--name=value` or `--name` of the command line. */
  option(name: string): string | undefined
  /** The same as a number. Throws a `TypeError` where it is none. */
  number(name: string, fallback: number): number
  /** Progress, for a human. */
  readonly log: Log
  /** Whatever has to be closed at the end, however it comes; closed in reverse order. */
  readonly closing: Closing
}

export interface Bench {
  readonly name: string
  /** One line: what is measured beside what. */
  readonly summary: string
  /** Debian packages it needs beside what npm installs. */
  readonly packages: readonly string[]
  run(context: BenchContext): Promise<Report>
}

/** Closes what was opened, last first, once. */
export class Closing {
  readonly #actions: (() => Promise<unknown> | void)[] = []

  add(action: () => Promise<unknown> | void): void {
    this.#actions.push(action)
  }

  /** Closes now what else would be closed at the end. Idempotent. */
  async close(): Promise<void> {
    for (let action = this.#actions.pop(); action !== undefined; action = this.#actions.pop()) await action()
  }
}
