import { readdirSync, readFileSync } from 'node:fs'

/** Seconds of processor time that a process has used, over all its threads (/proc/<pid>/task/*\/schedstat, in ns). */
export function cpuSecondsOf(pid: number): number {
  let nanoseconds = 0
  for (const task of readdirSync(`/proc/${pid}/task`)) {
    try {
      nanoseconds += Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0])
    } catch {
      // The thread has just ended.
    }
  }
  return nanoseconds / 1e9
}

/** Resident memory of a process, in bytes. */
export function residentBytesOf(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024
}

/** Open file descriptors of a process. */
export const descriptorsOf = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length

/** A process's descendants by what they are called, such as `mediasoup-worker`. */
export function descendantsOf(pid: number): readonly { readonly pid: number; readonly name: string }[] {
  const children = new Map<number, { pid: number; name: string }[]>()
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue
    const stat = read(`/proc/${entry}/stat`)
    // The command name, in parentheses, may hold spaces and parentheses; the parent's pid is the second field after it (proc(5)).
    const end = stat.lastIndexOf(')')
    if (end < 0) continue
    const parent = Number(stat.slice(end + 2).split(' ')[1])
    const list = children.get(parent) ?? []
    list.push({ pid: Number(entry), name: stat.slice(stat.indexOf('(') + 1, end) })
    children.set(parent, list)
  }
  const walk = (parent: number): { pid: number; name: string }[] =>
    (children.get(parent) ?? []).flatMap((child) => [child, ...walk(child.pid)])
  return walk(pid)
}

/** Processor time by name of group, between two moments. */
export class CpuMeter {
  readonly #groups: ReadonlyMap<string, readonly number[]>
  readonly #start = new Map<string, number>()
  readonly #startedAt = performance.now()

  private constructor(groups: Readonly<Record<string, readonly number[]>>) {
    this.#groups = new Map(Object.entries(groups))
    for (const [name, pids] of this.#groups) this.#start.set(name, sum(pids))
  }

  static start(groups: Readonly<Record<string, readonly number[]>>): CpuMeter {
    return new CpuMeter(groups)
  }

  /** Seconds of processor time of each group since the start, and of the clock. */
  read(): { readonly seconds: number; readonly cpu: Readonly<Record<string, number>> } {
    // A thread takes what it used with it when it ends, which may outweigh what an idle process has used since.
    const used = (name: string, pids: readonly number[]): number => Math.max(0, sum(pids) - (this.#start.get(name) ?? 0))
    const cpu = Object.fromEntries([...this.#groups].map(([name, pids]) => [name, used(name, pids)]))
    return { seconds: (performance.now() - this.#startedAt) / 1000, cpu }
  }
}

const sum = (pids: readonly number[]): number => pids.reduce((total, pid) => total + cpuSecondsOf(pid), 0)

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}
