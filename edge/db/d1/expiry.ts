import { and, eq, lt } from 'drizzle-orm'
import { backoffRules } from '#edge/domain/identity/login-backoff.ts'
import type { Database } from './database.ts'
import { credentials } from './schema/credentials.ts'
import { loginFailures, logins, refreshTokens, revocations } from './schema/logins.ts'

/** Removes what has expired by itself and nobody asks for any more. */
export async function removeExpired(db: Database, now: number): Promise<void> {
  await db.batch([
    db.delete(refreshTokens).where(lt(refreshTokens.expiresAt, now)),
    db.delete(logins).where(and(lt(logins.expiresAt, now), lt(logins.accessExpiresAt, now))),
    db.delete(revocations).where(and(lt(revocations.expiresAt, now), eq(revocations.hubPending, false))),
    db.delete(loginFailures).where(lt(loginFailures.lastFailureAt, now - backoffRules.pair.window)),
    db.delete(credentials).where(lt(credentials.expiresAt, now)),
  ])
}
