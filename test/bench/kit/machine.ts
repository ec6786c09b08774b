import { readFileSync } from 'node:fs'
import { cpus, loadavg, release, totalmem } from 'node:os'

/** On what was measured. */
export interface Machine {
  readonly at: string
  readonly cpu: string
  readonly cores: number
  readonly memoryGiB: number
  readonly os: string
  /** Of the last minute, before the bench. */
  readonly loadBefore: number
}

export function describeMachine(now: Date): Machine {
  const all = cpus()
  return {
    at: now.toISOString(),
    cpu: (all[0]?.model ?? 'unknown CPU').trim(),
    cores: all.length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    os: `${distribution()}, Linux ${release()}`,
    loadBefore: Math.round((loadavg()[0] ?? 0) * 100) / 100,
  }
}

function distribution(): string {
  try {
    return /^PRETTY_NAME="?([^"\n]*)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'unknown system'
  } catch {
    return 'unknown system'
  }
}
