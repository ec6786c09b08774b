import { heartbeatSeconds, type HostLoad } from '#shared/protocol/fleet/host-link.ts'

/** Load is compared, and told, in steps of this: finer ones would make every interval a change. */
const cpuStep = 0.05

/** Tells the host's load when it has changed, at most once an interval, and a beginning drain at once. */
export class LoadReporter {
  readonly #measure: () => HostLoad
  readonly #tell: (load: HostLoad) => void
  readonly #timer: NodeJS.Timeout
  #told = ''

  static start(options: { measure: () => HostLoad; tell: (load: HostLoad) => void; intervalMs?: number }): LoadReporter {
    return new LoadReporter(options)
  }

  private constructor(options: { measure: () => HostLoad; tell: (load: HostLoad) => void; intervalMs?: number }) {
    this.#measure = options.measure
    this.#tell = options.tell
    this.#timer = setInterval(() => this.#report(), options.intervalMs ?? heartbeatSeconds * 1000)
  }

  /** The load as it would be told now, for a `hello`; it counts as told. */
  current(): HostLoad {
    const load = this.#rounded()
    this.#told = JSON.stringify(load)
    return load
  }

  /** Something changed that cannot wait. */
  tellNow(): void {
    this.#report()
  }

  close(): void {
    clearInterval(this.#timer)
  }

  #report(): void {
    const load = this.#rounded()
    const text = JSON.stringify(load)
    if (text === this.#told) return
    this.#told = text
    this.#tell(load)
  }

  #rounded(): HostLoad {
    const load = this.#measure()
    return { ...load, cpu: Math.min(1, Math.round(Math.round(load.cpu / cpuStep) * cpuStep * 100) / 100) }
  }
}
