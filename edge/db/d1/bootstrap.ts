import { and, eq, inArray, sql } from 'drizzle-orm'
import type { Database } from './database.ts'
import { bootstrapSteps } from './schema/bootstrap.ts'
import { credentials } from './schema/credentials.ts'
import { domains } from './schema/domains.ts'
import { users } from './schema/users.ts'
import type { DomainRow } from './domains.ts'
import type { UserRow } from './users.ts'

/** Of these steps, the ones that were done. */
export async function doneSteps(db: Database, names: readonly string[]): Promise<Set<string>> {
  if (names.length === 0) return new Set()
  const rows = await db
    .select()
    .from(bootstrapSteps)
    .where(inArray(bootstrapSteps.name, [...names]))
  return new Set(rows.map((row) => row.name))
}

export async function insertDomainUnlessNamed(db: Database, row: DomainRow): Promise<void> {
  await db.insert(domains).values(row).onConflictDoNothing({ target: domains.name })
}

export async function hasPlatformAdmin(db: Database): Promise<boolean> {
  const rows = await db
    .select({ id: users.id })
    .from(users)
    .where(and(eq(users.role, 'platform-admin'), eq(users.disabled, false)))
    .limit(1)
  return rows.length > 0
}

/**
 * Creates a user with a password and notes the step, in one transaction. Where the name is taken, the
 * user of that name stays as it is and only the note is made.
 */
export async function insertUserUnlessNamed(
  db: Database,
  options: { user: UserRow; credentialId: string; passwordHash: string; step: string; now: number },
): Promise<void> {
  const { user, credentialId, passwordHash, step, now } = options
  const credential = db
    .select({
      id: sql`${credentialId}`.as('id'),
      type: sql`'basic'`.as('type'),
      domainId: users.domainId,
      userId: users.id,
      context: sql`'{}'`.as('context'),
      data: sql`'{}'`.as('data'),
      secretHash: sql`${passwordHash}`.as('secret_hash'),
      sealedSecret: sql`null`.as('sealed_secret'),
      lease: sql`0`.as('lease'),
      expiresAt: sql`null`.as('expires_at'),
      revision: sql`1`.as('revision'),
      createdAt: sql`${now}`.as('created_at'),
    })
    .from(users)
    .where(eq(users.id, user.id))
  await db.batch([
    db.insert(users).values(user).onConflictDoNothing(),
    db.insert(credentials).select(credential),
    db.insert(bootstrapSteps).values({ name: step, doneAt: now }).onConflictDoNothing(),
  ])
}
