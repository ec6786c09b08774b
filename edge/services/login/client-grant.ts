import { AppError } from '#shared/errors/AppError.ts'
import { clientDataSchema, type ClientRole } from '#shared/protocol/sapi/credentials.ts'
import type { TokenResponse } from '#shared/protocol/sapi/oauth.ts'
import { basicCredentials, verifyClientSecret } from '#edge/auth/client-secret.ts'
import { findCredential } from '#edge/db/d1/credentials.ts'
import { chainOf, type DomainRow } from '#edge/db/d1/domains.ts'
import { clientUserId, clientUsername } from '#edge/domain/identity/anonymous.ts'
import { type DomainChain, isDisabled, ownNode } from '#edge/domain/identity/domain-chain.ts'
import { deploymentSettings, policyFrom } from '../directory.ts'
import type { Scope } from '../scope.ts'
import type { Requester } from './grant.ts'
import { openLogin } from './open-login.ts'

/** An OAuth client: a `client` credential of a domain, which acts there with a role. */
export interface Client {
  readonly credentialId: string
  readonly role: ClientRole
  readonly chain: DomainChain<DomainRow>
}

/** RFC 6749 §4.4. No refresh token: the client can ask again (§4.4.3). */
export async function grantClient(scope: Scope, request: ClientSecrets, requester: Requester): Promise<TokenResponse> {
  const client = await authenticateClient(scope, request, requester)
  if (client === undefined) throw new AppError('invalidClient')
  const policy = policyFrom(client.chain, deploymentSettings(scope.env))
  const { name } = ownNode(client.chain)
  return openLogin(
    scope,
    {
      kind: 'client',
      userId: clientUserId(client.credentialId),
      role: client.role,
      username: clientUsername(client.credentialId, name),
      credentialId: client.credentialId,
      chain: client.chain,
      policy,
      accessTokenLifetime: policy.settings.logins.accessTokenLifetime,
    },
    requester,
  )
}

export interface ClientSecrets {
  readonly client_id?: string | undefined
  readonly client_secret?: string | undefined
}

/** By HTTP Basic or in the body (RFC 6749 §2.3.1). Undefined: no such client, wrong secret, or out of use. */
export async function authenticateClient(
  scope: Scope,
  body: ClientSecrets,
  { authorization }: Pick<Requester, 'authorization'>,
): Promise<Client | undefined> {
  const basic = basicCredentials(authorization ?? null)
  const clientId = basic?.clientId ?? body.client_id
  const secret = basic?.clientSecret ?? body.client_secret
  if (clientId === undefined || secret === undefined) return undefined
  const found = await findCredential(scope.db, clientId)
  const credential = found?.credential.type === 'client' ? found.credential : undefined
  const right = await verifyClientSecret(secret, credential?.secretHash)
  if (!right || credential === undefined || found === undefined) return undefined
  if (credential.expiresAt !== null && credential.expiresAt <= scope.clock.now()) return undefined
  const chain = await chainOf(scope.db, found.domain)
  return isDisabled(chain) ? undefined : { credentialId: credential.id, role: clientDataSchema.parse(credential.data).role, chain }
}
