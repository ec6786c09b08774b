import { and, asc, eq, lt } from 'drizzle-orm'
import { backoffRules, knownFor } from '#edge/domain/identity/login-backoff.ts'
import type { Database } from './database.ts'
import { returnAbandonedLoans } from './ims-loans.ts'
import { removeExpiredFederation } from './oauth-identities.ts'
import { endLogins, type RevocationRow, signedWithin } from './revocations.ts'
import { contacts } from './schema/contacts.ts'
import { credentials } from './schema/credentials.ts'
import { idempotentRequests } from './schema/idempotency.ts'
import { knownNetworks } from './schema/login-control.ts'
import { loginFailures, logins, refreshTokens, revocations } from './schema/logins.ts'
import { sipMappings } from './schema/sip-mappings.ts'
import { browserSessions, oauthCodes, usedAssertions } from './schema/oauth.ts'

/** A day: whoever brings a code back after that has let its login alone for long. */
const keepUsedCodes = 86_400_000

/** 30 days: who synchronizes an address book asks what has changed more often than that. */
const keepRemovedContacts = 30 * 86_400_000

/** How many at once; the others wait for the next time. */
const credentialsAtOnce = 80

/** Removes credentials whose lease has ended, with the logins that were made with them. */
export async function removeExpiredCredentials(db: Database, now: number): Promise<RevocationRow[]> {
  const hasExpired = lt(credentials.expiresAt, now)
  const expired = await db
    .select({ id: credentials.id })
    .from(credentials)
    .where(hasExpired)
    .orderBy(asc(credentials.expiresAt))
    .limit(credentialsAtOnce)
  const ended: RevocationRow[] = []
  for (const { id } of expired) {
    const removal = db.delete(credentials).where(and(eq(credentials.id, id), hasExpired))
    const [rows] = await db.batch([...endLogins(db, { credentialId: id }, now), removal])
    ended.push(...rows)
  }
  return ended
}

/** Removes what has expired by itself and nobody asks for any more. */
export async function removeExpired(db: Database, now: number): Promise<void> {
  await db.batch([
    db.delete(refreshTokens).where(lt(refreshTokens.expiresAt, now)),
    ...removeExpiredFederation(db, now),
    db.delete(logins).where(and(lt(logins.expiresAt, now), lt(logins.accessExpiresAt, now - signedWithin))),
    db.delete(revocations).where(and(lt(revocations.expiresAt, now), eq(revocations.hubPending, false))),
    db.delete(loginFailures).where(lt(loginFailures.lastFailureAt, now - backoffRules.pair.window)),
    db.delete(knownNetworks).where(lt(knownNetworks.seenAt, now - knownFor)),
    db.delete(contacts).where(and(eq(contacts.removed, true), lt(contacts.changed, now - keepRemovedContacts))),
    db.delete(sipMappings).where(lt(sipMappings.expiresAt, now)),
    db.delete(idempotentRequests).where(lt(idempotentRequests.expiresAt, now)),
    returnAbandonedLoans(db, now),
    db.delete(oauthCodes).where(lt(oauthCodes.expiresAt, now - keepUsedCodes)),
    db.delete(browserSessions).where(lt(browserSessions.expiresAt, now)),
    db.delete(usedAssertions).where(lt(usedAssertions.expiresAt, now)),
  ])
}
