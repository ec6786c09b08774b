import { and, eq, inArray, isNull, ne, or, type SQL, sql } from 'drizzle-orm'
import type { Database } from './database.ts'
import { within } from './domains.ts'
import { domains } from './schema/domains.ts'
import { logins } from './schema/logins.ts'
import { federatedCodes } from './schema/federation.ts'
import { browserSessions, oauthCodes } from './schema/oauth.ts'
import { users } from './schema/users.ts'

/** Which logins end. `path`: those of all domains at or under it. */
export type LoginSelection =
  | { readonly loginIds: readonly string[] }
  | { readonly userId: string; readonly exceptLoginId?: string }
  /** Of the user, by an OAuth client. */
  | { readonly userId: string; readonly clientId: string }
  /** Made with it, or by an OAuth client that it is. */
  | { readonly credentialId: string }
  | { readonly domainId: string }
  /** Of all for whom this login provider has vouched, or of one of them. */
  | { readonly federatedBy: string; readonly ofUser?: string }
  | { readonly path: string }

/** The logins themselves, beside their domains. */
export function selectedLogins(selection: LoginSelection): SQL | undefined {
  if ('loginIds' in selection) return inArray(logins.id, [...selection.loginIds])
  if ('clientId' in selection) return and(eq(logins.userId, selection.userId), eq(logins.clientId, selection.clientId))
  if ('userId' in selection)
    return and(
      eq(logins.userId, selection.userId),
      selection.exceptLoginId === undefined ? undefined : ne(logins.id, selection.exceptLoginId),
    )
  if ('credentialId' in selection) return or(eq(logins.credentialId, selection.credentialId), eq(logins.clientId, selection.credentialId))
  if ('domainId' in selection) return eq(logins.domainId, selection.domainId)
  if ('federatedBy' in selection) return vouchedFor(logins, selection)
  return within(selection.path)
}

/**
 * The browsers that are logged in at the provider's pages on the same grounds: where more ends than single
 * logins, nobody may begin the next one without a password.
 */
export function selectedBrowserSessions(db: Database, selection: LoginSelection): SQL | undefined {
  if ('loginIds' in selection || 'clientId' in selection) return sql`0`
  if ('credentialId' in selection) return eq(browserSessions.credentialId, selection.credentialId)
  if ('federatedBy' in selection) return vouchedFor(browserSessions, selection)
  return inArray(browserSessions.userId, selectedUsers(db, selection))
}

/** Codes that have not yet become logins on these grounds, or of the OAuth client that the credential is. */
export function selectedCodes(db: Database, selection: LoginSelection): SQL | undefined {
  const unused = isNull(oauthCodes.usedAt)
  if ('loginIds' in selection) return sql`0`
  if ('clientId' in selection) return and(unused, eq(oauthCodes.userId, selection.userId), eq(oauthCodes.clientId, selection.clientId))
  if ('credentialId' in selection) {
    const { credentialId: id } = selection
    return and(unused, or(eq(oauthCodes.credentialId, id), eq(oauthCodes.clientId, id)))
  }
  if ('federatedBy' in selection) return and(unused, vouchedFor(oauthCodes, selection))
  return and(unused, inArray(oauthCodes.userId, selectedUsers(db, selection)))
}

/** The same for codes with which pages fetch their tokens. */
export function selectedFederatedCodes(db: Database, selection: LoginSelection): SQL | undefined {
  if ('loginIds' in selection || 'clientId' in selection || 'credentialId' in selection) return sql`0`
  if ('federatedBy' in selection) return vouchedFor(federatedCodes, selection)
  return inArray(federatedCodes.userId, selectedUsers(db, selection))
}

const vouchedFor = (
  table: typeof logins | typeof browserSessions | typeof oauthCodes | typeof federatedCodes,
  { federatedBy, ofUser }: { federatedBy: string; ofUser?: string },
): SQL | undefined => and(eq(table.provider, federatedBy), ofUser === undefined ? undefined : eq(table.userId, ofUser))

function selectedUsers(db: Database, selection: { userId: string } | { domainId: string } | { path: string }) {
  const found = db.select({ id: users.id }).from(users).innerJoin(domains, eq(domains.id, users.domainId))
  if ('userId' in selection) return found.where(eq(users.id, selection.userId))
  return found.where('domainId' in selection ? eq(users.domainId, selection.domainId) : within(selection.path))
}
