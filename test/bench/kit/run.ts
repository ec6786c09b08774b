import { ensureAptPackages } from '#infra/system/apt.ts'
import type { Log } from '#infra/system/progress.ts'
import { numberOption } from './arguments.ts'
import { type Bench, Closing } from './bench.ts'
import { describeMachine, type Machine } from './machine.ts'
import type { Report } from './report.ts'

export interface BenchRun {
  readonly report: Report
  readonly machine: Machine
  readonly seconds: number
}

/** Runs one bench with what it needs installed, and closes all it opened. */
export async function runBench(
  bench: Bench,
  options: { options: ReadonlyMap<string, string>; log: Log; closing?: Closing },
): Promise<BenchRun> {
  const { log, closing = new Closing() } = options
  await ensureAptPackages(bench.packages, { purpose: `by the bench ${bench.name}`, log })
  const machine = describeMachine(new Date())
  const startedAt = performance.now()
  try {
    const report = await bench.run({
      quick: options.options.has('quick'),
      option: (name) => options.options.get(name),
      number: (name, fallback) => numberOption(options.options, name, fallback),
      log,
      closing,
    })
    return { report, machine, seconds: (performance.now() - startedAt) / 1000 }
  } finally {
    await closing.close()
  }
}
