import { AppError } from '#shared/errors/AppError.ts'
import { clientDataSchema, type NewClientData, newClientDataSchema } from '#shared/protocol/sapi/clients.ts'
import type { CreateCredential, CredentialView, ReplaceCredential } from '#shared/protocol/sapi/credentials.ts'
import { newClientSecret } from '#edge/auth/client-secret.ts'
import { type CredentialChange, type CredentialRow, insertCredential } from '#edge/db/d1/credentials.ts'
import { type Actor, mayHandle } from '#edge/domain/identity/access.ts'
import { isReduced } from '#edge/domain/oauth/client-changes.ts'
import { outgoingUrl } from '#edge/domain/outgoing-urls.ts'
import { refuseBroken } from '../refuse-broken.ts'
import type { Scope } from '../scope.ts'
import { administeredDomainNamed } from '../visible-domains.ts'
import { dataOf, leaseAfter, rowOf, viewWith } from './common.ts'

/** Credentials of the type `client`: an OAuth client of a domain. Its secret, where it has one, is told here and never again. */
export async function createClient(
  scope: Scope,
  actor: Actor,
  body: Extract<CreateCredential, { type: 'client' }>,
): Promise<CredentialView> {
  const domain = await administeredDomainNamed(scope, actor, body.domain)
  if (!mayHandle(actor, body.data.role)) throw new AppError('forbidden', { context: { role: body.data.role } })
  requireUsableUrl(scope, body.data)
  const { secret, hash } = hasSecret(body.data) ? await newClientSecret() : { secret: undefined, hash: '' }
  const credential = { ...rowOf(scope, body, domain.id), userId: null, data: body.data, secretHash: hash }
  await refuseBroken(() => insertCredential(scope.db, credential))
  const data = clientDataOf(credential)
  return viewWith({ credential, domain, user: null }, secret === undefined ? data : { ...data, clientSecret: secret })
}

/** What is shown of a client. */
export const clientDataOf = ({ id, data }: Pick<CredentialRow, 'id' | 'data'>): Record<string, unknown> => ({ ...data, clientId: id })

const hasSecret = ({ authMethod }: NewClientData): boolean => authMethod !== 'none' && authMethod !== 'private_key_jwt'

/** @throws AppError `invalidRequest` for keys that the edge would not fetch. */
function requireUsableUrl({ env }: Scope, { jwksUri }: NewClientData): void {
  if (jwksUri === undefined) return
  const url = outgoingUrl(jwksUri, { allowLoopback: env.RINGWAY_ALLOW_LOOPBACK_URLS === '1' })
  if (!url.ok) throw new AppError('invalidRequest', { context: { issues: [{ path: 'data.jwksUri', message: url.error }] } })
}

/** Whether a client may do less by what is stored of it now than before. */
export const losesPowers = (before: CredentialRow['data'], after: CredentialRow['data']): boolean =>
  isReduced(clientDataSchema.parse(before), clientDataSchema.parse(after))

/** Registers a client anew, except for how it proves who it is. @throws AppError `invalidRequest`, `forbidden`, `conflict`. */
export function changedClient(scope: Scope, actor: Actor, credential: CredentialRow, body: ReplaceCredential): Partial<CredentialChange> {
  const data = dataOf(newClientDataSchema, body)
  if (!mayHandle(actor, data.role)) throw new AppError('forbidden', { context: { role: data.role } })
  const before = clientDataSchema.parse(credential.data)
  // Another method may need a secret, which is told at creation only.
  if (data.authMethod !== before.authMethod) throw new AppError('conflict', { context: { reason: 'fixed', field: 'data.authMethod' } })
  requireUsableUrl(scope, data)
  return { context: body.context, ...leaseAfter(credential, body, scope.clock.now()), data }
}
