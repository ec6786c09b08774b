import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from '../system/progress.ts'
import { isAlive, type ProcessIdentity, processIdentitySchema } from '../system/process-identity.ts'

const politeForMs = 3_000
const pollMs = 50

/**
 * Ends children that a supervisor left behind when it was killed. Only processes that the pid files of this state
 * folder name and that were started at the time noted there: never a stranger that got the same pid.
 */
export async function endStaleChildren(runFolder: string, options: { log: Log }): Promise<void> {
  const files = readdirSync(runFolder).filter((name) => name.endsWith('.pid.json'))
  await Promise.all(
    files.map(async (name) => {
      const path = join(runFolder, name)
      const identity = read(path)
      if (identity !== undefined && isAlive(identity)) {
        options.log(`Ending ${name.replace('.pid.json', '')} of an earlier run (process ${identity.pid})`)
        await end(identity)
      }
      rmSync(path, { force: true })
    }),
  )
}

async function end(identity: ProcessIdentity): Promise<void> {
  const deadline = performance.now() + politeForMs
  signal(identity, 'SIGTERM')
  while (isAlive(identity) && performance.now() < deadline) await sleep(pollMs)
  while (isAlive(identity)) {
    signal(identity, 'SIGKILL')
    await sleep(pollMs)
  }
}

function signal(identity: ProcessIdentity, name: NodeJS.Signals): void {
  try {
    process.kill(identity.pid, name)
  } catch {
    // Gone in between.
  }
}

function read(path: string): ProcessIdentity | undefined {
  try {
    return processIdentitySchema.safeParse(JSON.parse(readFileSync(path, 'utf8'))).data
  } catch {
    return undefined
  }
}
