import { setTimeout as sleep } from 'node:timers/promises'
import { identityOf } from '#infra/system/process-identity.ts'

const pollMs = 25

/** Resolves when none of the processes exists any more; the test's own time limit ends the wait. */
export async function untilGone(pids: readonly (number | null | undefined)[]): Promise<void> {
  for (const pid of pids) while (typeof pid === 'number' && identityOf(pid) !== undefined) await sleep(pollMs)
}
