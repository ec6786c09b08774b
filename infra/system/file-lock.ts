import { randomUUID } from 'node:crypto'
import { linkSync, readFileSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { identityOf, isAlive, type ProcessIdentity, processIdentitySchema } from './process-identity.ts'

const retryMs = 250

export interface FileLock {
  /** Idempotent. */
  release(): void
}

/** Takes the lock if no living process holds it; otherwise tells who does. A lock of a dead process is taken over. */
export function tryLock(path: string): FileLock | ProcessIdentity {
  const self = identityOf(process.pid)
  if (self === undefined) throw new Error('this process has no identity')
  // Linked into place, so that the lock never exists without its content.
  const own = `${path}.${randomUUID()}.tmp`
  writeFileSync(own, JSON.stringify(self), { flag: 'wx' })
  try {
    for (;;) {
      try {
        linkSync(own, path)
        return heldLock(path)
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
      }
      const holder = readHolder(path)
      if (holder !== undefined && isAlive(holder)) return holder
      // Renamed rather than removed: of two that find it stale only one gets it.
      const stale = `${path}.${randomUUID()}.stale`
      try {
        renameSync(path, stale)
        rmSync(stale, { force: true })
      } catch {
        // The other one was faster.
      }
    }
  } finally {
    rmSync(own, { force: true })
  }
}

/** Waits for the lock. `onWait` is called once, with the process that holds it. */
export async function lock(path: string, options: { onWait: (holder: ProcessIdentity) => void }): Promise<FileLock> {
  let waiting = false
  for (;;) {
    const result = tryLock(path)
    if ('release' in result) return result
    if (!waiting) options.onWait(result)
    waiting = true
    await sleep(retryMs)
  }
}

function heldLock(path: string): FileLock {
  let held = true
  return {
    release: () => {
      if (!held) return
      held = false
      // Only its own: another process may have judged this one dead.
      if (readHolder(path)?.pid === process.pid) unlinkSync(path)
    },
  }
}

function readHolder(path: string): ProcessIdentity | undefined {
  try {
    return processIdentitySchema.safeParse(JSON.parse(readFileSync(path, 'utf8'))).data
  } catch {
    return undefined
  }
}
