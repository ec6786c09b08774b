import { findLogin, type LoginRow } from '#edge/db/d1/logins.ts'
import { findUser } from '#edge/db/d1/users.ts'
import { findClient } from '../oauth/clients.ts'
import type { Scope } from '../scope.ts'
import { userSubject } from './user-subject.ts'

/**
 * The login of this id, if it stands at this moment. Most of what ends logins removes them; where time or the
 * configuration takes away what they were made with, they are removed a little later.
 */
export async function standingLogin(scope: Scope, id: string): Promise<LoginRow | undefined> {
  const login = await findLogin(scope.db, id)
  return login !== undefined && (await stands(scope, login)) ? login : undefined
}

export async function stands(scope: Scope, login: LoginRow): Promise<boolean> {
  const { kind, userId, domainId, credentialId } = login
  for (const clientId of [login.clientId, kind === 'client' ? credentialId : null])
    if (clientId !== null && (await findClient(scope, clientId)) === undefined) return false
  if (kind === 'client' || kind === 'anonymous') return true
  const found = await findUser(scope.db, { userId })
  return found?.domain.id === domainId && (await userSubject(scope, found, login)) !== undefined
}
