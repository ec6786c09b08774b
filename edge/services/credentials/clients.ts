import { AppError } from '#shared/errors/AppError.ts'
import type { CreateCredential, CredentialView } from '#shared/protocol/sapi/credentials.ts'
import { newClientSecret } from '#edge/auth/client-secret.ts'
import { type CredentialRow, insertCredential } from '#edge/db/d1/credentials.ts'
import { type Actor, mayHandle } from '#edge/domain/identity/access.ts'
import type { Scope } from '../scope.ts'
import { administeredDomainNamed } from '../visible-domains.ts'
import { rowOf, viewWith } from './common.ts'

/** Credentials of the type `client`: an OAuth client of a domain. Its secret is told here and never again. */
export async function createClient(
  scope: Scope,
  actor: Actor,
  body: Extract<CreateCredential, { type: 'client' }>,
): Promise<CredentialView> {
  const domain = await administeredDomainNamed(scope, actor, body.domain)
  if (!mayHandle(actor, body.data.role)) throw new AppError('forbidden', { context: { role: body.data.role } })
  const { secret, hash } = await newClientSecret()
  const credential = { ...rowOf(scope, body, domain.id), userId: null, data: body.data, secretHash: hash }
  await insertCredential(scope.db, credential)
  return viewWith({ credential, domain, user: null }, { ...clientDataOf(credential), clientSecret: secret })
}

/** What is shown of a client. */
export const clientDataOf = ({ id, data }: Pick<CredentialRow, 'id' | 'data'>): Record<string, unknown> => ({ ...data, clientId: id })
