import { readFileSync } from 'node:fs'
import type { Log } from '../system/progress.ts'
import { tryCommand } from '../system/run-command.ts'

const wanted = 1_048_576
/** workerd takes two descriptors a socket, and ends when it runs out of them. */
const descriptorsPerConnection = 2
const comfortable = 65_536

/**
 * Raises this process's limit of open files, which its children inherit, as far as it may; tells when that is little.
 * Node has already raised the soft limit to the hard one; the hard one takes root.
 */
export async function raiseDescriptorLimit(log: Log): Promise<void> {
  if (process.platform !== 'linux') return
  const before = currentLimit()
  if (before >= wanted) return
  // A refusal leaves things as they are; what counts is the limit afterwards.
  await tryCommand('prlimit', ['--pid', String(process.pid), `--nofile=${wanted}:${wanted}`]).catch(() => {})
  const limit = currentLimit()
  if (limit >= comfortable) return
  log(
    `The limit of open files is ${limit} and cannot be raised from here: about ${Math.floor(limit / descriptorsPerConnection)} connections at most. ` +
      `Raise it before starting, such as by: ulimit -n ${comfortable}`,
  )
}

/** Soft limit; proc(5), `/proc/[pid]/limits`. */
function currentLimit(): number {
  const soft = /^Max open files\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1]
  return soft === undefined || soft === 'unlimited' ? Infinity : Number(soft)
}
