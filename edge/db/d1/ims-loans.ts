import { and, eq, isNotNull, notExists, sql } from 'drizzle-orm'
import type { CredentialRow } from './credentials.ts'
import type { Database } from './database.ts'
import { credentials } from './schema/credentials.ts'
import { imsLoans } from './schema/ims-loans.ts'
import { logins } from './schema/logins.ts'

/**
 * Lends a free account of the domain's pool, the one that has rested longest, unless this loan has one
 * already; the answer is the account it has. One statement takes it, so two never get the same. Undefined:
 * all are lent.
 */
export async function takeLoan(
  db: Database,
  { loanId, userId, domainId, now }: { loanId: string; userId: string; domainId: string; now: number },
): Promise<CredentialRow | undefined> {
  const free = sql`
    select c.id, ${loanId}, ${userId}, ${now}, null
    from ${credentials} c left join ${imsLoans} l on l.credential_id = c.id
    where c.domain_id = ${domainId} and c.type = 'ims' and c.user_id is null and l.loan_id is null
      and not exists (select 1 from ${imsLoans} where loan_id = ${loanId})
    order by coalesce(l.returned_at, 0), c.id limit 1`
  const [, held] = await db.batch([
    db
      .insert(imsLoans)
      .select(free)
      .onConflictDoUpdate({
        target: imsLoans.credentialId,
        set: { loanId, userId, takenAt: now, returnedAt: null },
      }),
    db
      .select({ credential: credentials })
      .from(imsLoans)
      .innerJoin(credentials, eq(credentials.id, imsLoans.credentialId))
      .where(eq(imsLoans.loanId, loanId)),
  ])
  return held[0]?.credential
}

/** Frees the account of a loan; again, or of one that never was, it does nothing. */
export async function returnLoan(db: Database, loanId: string, now: number): Promise<void> {
  await freed(db, now).where(eq(imsLoans.loanId, loanId))
}

/** To stand in a batch: frees what is lent to visitors whose logins are over, whatever became of their hubs. */
export const returnAbandonedLoans = (db: Database, now: number) =>
  freed(db, now).where(
    and(
      isNotNull(imsLoans.loanId),
      notExists(
        db
          .select({ one: sql`1` })
          .from(logins)
          .where(eq(logins.userId, imsLoans.userId)),
      ),
    ),
  )

const freed = (db: Database, now: number) => db.update(imsLoans).set({ loanId: null, userId: null, returnedAt: now })
