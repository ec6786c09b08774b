import { and, asc, eq, inArray, lt, or, sql } from 'drizzle-orm'
import { type BackoffKey, backoffRules, type Failures, knownFor } from '#edge/domain/identity/login-backoff.ts'
import type { Database } from './database.ts'
import { knownNetworks, unrecordedLoginFailures } from './schema/login-control.ts'
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

/** An attempt that was counted and then not made, or did not fail. */
export async function uncountAttempt(db: Database, keys: readonly BackoffKey[]): Promise<void> {
  if (keys.length > 0) await uncount(db, keys)
}

const uncount = (db: Database, keys: readonly BackoffKey[]) =>
  db
    .update(loginFailures)
    .set({ failures: sql`max(${loginFailures.failures} - 1, 0)` })
    .where(inArray(loginFailures.key, textsOf(keys)))

/** An attempt that succeeded: what its account had against it is forgotten, what its network has is not. */
export async function attemptSucceeded(
  db: Database,
  attempt: { forget: readonly BackoffKey[]; uncount: readonly BackoffKey[]; account: string; network: string | undefined },
  now: number,
): Promise<void> {
  const { account, network } = attempt
  const forget = db.delete(loginFailures).where(inArray(loginFailures.key, textsOf(attempt.forget)))
  if (network === undefined) return void (await forget)
  await db.batch([
    forget,
    uncount(db, attempt.uncount),
    db
      .insert(knownNetworks)
      .values({ account, network, seenAt: now })
      .onConflictDoUpdate({ target: [knownNetworks.account, knownNetworks.network], set: { seenAt: now } }),
  ])
}

export async function isKnownNetwork(db: Database, known: { account: string; network: string }, now: number): Promise<boolean> {
  const { account, network } = known
  const [row] = await db
    .select({ seenAt: knownNetworks.seenAt })
    .from(knownNetworks)
    .where(and(eq(knownNetworks.account, account), eq(knownNetworks.network, network)))
    .limit(1)
  return row !== undefined && row.seenAt > now - knownFor
}

const textsOf = (keys: readonly BackoffKey[]): string[] => keys.map(({ key }) => key)

export interface UnrecordedFailure {
  readonly id: string
  readonly at: number
  /** Of the shape in edge/domain/ledger/login-failures.ts. */
  readonly failure: Readonly<Record<string, unknown>>
}

export async function insertUnrecorded(db: Database, row: UnrecordedFailure): Promise<void> {
  await db.insert(unrecordedLoginFailures).values(row)
}

export const listUnrecorded = (db: Database, options: { before: number; limit: number }): Promise<UnrecordedFailure[]> =>
  db
    .select()
    .from(unrecordedLoginFailures)
    .where(lt(unrecordedLoginFailures.at, options.before))
    .orderBy(asc(unrecordedLoginFailures.at))
    .limit(options.limit)

/** To stand in a batch, before what is to happen once only. */
export const removeUnrecorded = (db: Database, id: string) => db.delete(unrecordedLoginFailures).where(eq(unrecordedLoginFailures.id, id))
