import { z } from 'zod'
import { AppError } from '#shared/errors/AppError.ts'
import type { CreateCredential, CredentialView, ReplaceCredential } from '#shared/protocol/sapi/credentials.ts'
import { hashPassword } from '#edge/auth/password.ts'
import { type CredentialChange, type CredentialRow, replacePassword } from '#edge/db/d1/credentials.ts'
import type { Actor } from '#edge/domain/identity/access.ts'
import { announceEnded } from '../ended-logins.ts'
import { refuseBroken } from '../refuse-broken.ts'
import type { Scope } from '../scope.ts'
import { administeredUser } from '../users.ts'
import { dataOf, leaseAfter, rowOf, viewWith } from './common.ts'

/** Credentials of the type `basic`: a user's password, of which nothing is ever shown. It replaces the one before and ends its logins. */
export async function createPassword(
  scope: Scope,
  actor: Actor,
  body: Extract<CreateCredential, { type: 'basic' }>,
): Promise<CredentialView> {
  const { user, domain } = await administeredUser(scope, actor, body.user)
  if (body.domain !== '' && body.domain !== domain.name) throw new AppError('notFound', { context: { domain: body.domain } })
  const credential = { ...rowOf(scope, body, domain.id), userId: user.id, data: {}, secretHash: await hashPassword(body.data.password) }
  announceEnded(scope, await refuseBroken(() => replacePassword(scope.db, credential, { user, now: scope.clock.now() })))
  return viewWith({ credential, domain, user }, {})
}

/** What may change without another password. @throws AppError `invalidRequest`. */
export function changedPassword(scope: Scope, credential: CredentialRow, body: ReplaceCredential): Partial<CredentialChange> {
  dataOf(nothing, body)
  return { context: body.context, ...leaseAfter(credential, body, scope.clock.now()) }
}

const nothing = z.strictObject({}, { error: 'A password is replaced by another credential of the type basic' })
