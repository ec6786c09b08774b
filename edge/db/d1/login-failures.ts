import { eq, inArray, lt, or, sql } from 'drizzle-orm'
import { type BackoffKey, backoffRules, type Failures } from '#edge/domain/identity/login-backoff.ts'
import type { Database } from './database.ts'
import { loginFailures } from './schema/logins.ts'

/** Counts an attempt as failed, unless its key has to wait (edge/domain/identity/login-backoff.ts). False: it has to wait. */
export async function countAttempt(db: Database, { kind, key }: BackoffKey, now: number): Promise<boolean> {
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

export async function forgetFailures(db: Database, keys: readonly BackoffKey[]): Promise<void> {
  await db.delete(loginFailures).where(
    inArray(
      loginFailures.key,
      keys.map(({ key }) => key),
    ),
  )
}
