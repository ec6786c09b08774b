import { AppError } from '#shared/errors/AppError.ts'
import { randomText, sha256 } from '#edge/auth/bytes.ts'
import { type BrowserSessionRow, deleteBrowserSession, findBrowserSession, insertBrowserSession } from '#edge/db/d1/browser-sessions.ts'
import { findUser, type UserInDomain } from '#edge/db/d1/users.ts'
import type { Subject } from '../login/open-login.ts'
import { userSubject } from '../login/user-subject.ts'
import type { Scope } from '../scope.ts'

/** Milliseconds that a browser stays logged in at the provider's pages, whatever is done there. */
const lifetime = 12 * 3600_000

/** Who is logged in in a browser. */
export interface BrowserSession {
  readonly row: BrowserSessionRow
  readonly user: UserInDomain
  readonly subject: Subject
}

const hashOf = (secret: string): Promise<string> => sha256(`browser session ${secret}`)

/** Who has just logged in, and with what. `authTime`: where that was elsewhere, when. */
export type LoggedIn = Pick<Subject, 'userId' | 'credentialId' | 'credentialRevision' | 'provider'> & {
  readonly authTime?: number | undefined
}

/**
 * Always a new secret, so that nobody can have planted one before. @returns the value of the cookie.
 * @throws AppError `invalidGrant` where the password was replaced while it was being checked.
 */
export async function openBrowserSession(scope: Scope, loggedIn: LoggedIn): Promise<string> {
  const { userId, credentialId, credentialRevision, provider } = loggedIn
  const secret = randomText(32)
  const now = scope.clock.now()
  const row = {
    hash: await hashOf(secret),
    userId,
    credentialId,
    provider,
    authTime: Math.min(loggedIn.authTime ?? now, now),
    expiresAt: now + lifetime,
  }
  if (!(await insertBrowserSession(scope.db, row, { credentialRevision }))) throw new AppError('invalidGrant')
  return secret
}

/** Undefined: the cookie says nothing, or its user may no longer be logged in. */
export async function browserSession(scope: Scope, secret: string | undefined): Promise<BrowserSession | undefined> {
  const row = secret === undefined ? undefined : await findBrowserSession(scope.db, await hashOf(secret), scope.clock.now())
  const user = row === undefined ? undefined : await findUser(scope.db, { userId: row.userId })
  const subject = row === undefined || user === undefined ? undefined : await userSubject(scope, user, row)
  if (row === undefined || user === undefined || subject?.policy.services.includes('login') !== true) return undefined
  return { row, user, subject }
}

export async function closeBrowserSession(scope: Scope, secret: string): Promise<void> {
  await deleteBrowserSession(scope.db, await hashOf(secret))
}
