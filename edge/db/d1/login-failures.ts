import { eq, inArray, lt, or, sql } from 'drizzle-orm'
import { type BackoffKind, backoffRules, type Failures } from '#edge/domain/identity/login-backoff.ts'
import type { Database } from './database.ts'
import { loginFailures } from './schema.ts'

export interface AttemptKey {
  readonly kind: BackoffKind
  readonly key: string
}

/** Counts an attempt as failed, unless its key has to wait (edge/domain/identity/login-backoff.ts). False: it has to wait. */
export async function countAttempt(db: Database, { kind, key }: AttemptKey, now: number): Promise<boolean> {
  const { free, first, longest, window } = backoffRules[kind]
  const { failures, lastFailureAt } = loginFailures
  const pause = sql`min(${first} << min(${failures} - ${free}, 16), ${longest})`
  const counted = await db
    .insert(loginFailures)
    .values({ key, failures: 1, lastFailureAt: now })
    .onConflictDoUpdate({
      target: loginFailures.key,
      set: { failures: sql`case when ${lastFailureAt} <= ${now - window} then 1 else ${failures} + 1 end`, lastFailureAt: now },
      setWhere: or(lt(failures, free), sql`${lastFailureAt} + ${pause} <= ${now}`),
    })
    .returning({ failures })
  return counted.length > 0
}

export async function findFailures(db: Database, key: string): Promise<Failures | undefined> {
  const [row] = await db.select().from(loginFailures).where(eq(loginFailures.key, key)).limit(1)
  return row
}

/** After a login has succeeded: the account is forgiven, the address only this attempt. */
export async function forgiveAttempt(db: Database, attempts: readonly AttemptKey[]): Promise<void> {
  const keys = attempts.filter(({ kind }) => kind !== 'address').map(({ key }) => key)
  const address = attempts.find(({ kind }) => kind === 'address')?.key ?? ''
  await db.batch([
    db.delete(loginFailures).where(inArray(loginFailures.key, keys)),
    db
      .update(loginFailures)
      .set({ failures: sql`max(${loginFailures.failures} - 1, 0)` })
      .where(eq(loginFailures.key, address)),
  ])
}
