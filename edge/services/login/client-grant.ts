import { AppError } from '#shared/errors/AppError.ts'
import type { ClientProof, TokenResponse } from '#shared/protocol/sapi/oauth.ts'
import { clientUserId, clientUsername } from '#edge/domain/identity/anonymous.ts'
import { ownNode } from '#edge/domain/identity/domain-chain.ts'
import { grantableScope } from '#edge/domain/oauth/authorization-request.ts'
import { deploymentSettings, policyFrom } from '../directory.ts'
import { requireClient } from '../oauth/client-authentication.ts'
import { type Client, requireGrantType } from '../oauth/clients.ts'
import type { Scope } from '../scope.ts'
import type { Requester } from './grant.ts'
import { openLogin } from './open-login.ts'

/** RFC 6749 §4.4. No refresh token: the client can ask again (§4.4.3). */
export async function grantClient(
  scope: Scope,
  request: ClientProof & { scope?: string | undefined },
  requester: Requester,
): Promise<TokenResponse> {
  const client = await requireClient(scope, request, requester)
  requireGrantType(client, 'client_credentials')
  const policy = policyFrom(client.chain, deploymentSettings(scope.env))
  const { name } = ownNode(client.chain)
  return openLogin(
    scope,
    {
      kind: 'client',
      userId: clientUserId(client.id),
      role: client.data.role,
      username: clientUsername(client.id, name),
      credentialId: client.id,
      credentialRevision: client.revision,
      provider: null,
      chain: client.chain,
      policy,
      accessTokenLifetime: policy.settings.logins.accessTokenLifetime,
    },
    {
      issuer: requester.issuer,
      acting: { clientId: client.id, clientRevision: client.revision, scope: scopeOf(client, request.scope), authTime: null },
    },
  )
}

/** What it is registered for, of that what it asks for; null where it is held to nothing. There is no user of whom anything could be told. */
function scopeOf({ data }: Client, asked: string | undefined): readonly string[] | null {
  if (asked === undefined && data.scopes === undefined) return null
  const scope = grantableScope(asked ?? data.scopes?.join(' '), data).filter((name) => name === 'sapi' || name === 'wapi')
  if (scope.length === 0) throw new AppError('invalidScope')
  return scope
}
