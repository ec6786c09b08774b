import { newId } from '#shared/ids/ids.ts'
import type { Environment } from './Environment.ts'
import { holdLock } from './locks.ts'

/** A page that is being reloaded gives its session back within this time, in milliseconds. */
const reloadPatience = 1_500

export interface Claim {
  readonly sessionId: string
  readonly release: () => void
}

/**
 * Claims a session for this page. Null: another page has it, because this one is a copy of it (browsers
 * copy a tab's storage with the tab), and must do without what it found there.
 */
export async function claimSession(environment: Environment, sessionId: string = newId()): Promise<Claim | null> {
  if (!environment.isTabStorage) return { sessionId, release: () => undefined }
  const release = await holdLock(`${environment.keyPrefix}session:${sessionId}`, { patience: reloadPatience })
  return release === null ? null : { sessionId, release }
}
