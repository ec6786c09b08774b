import { AppError } from '#shared/errors/AppError.ts'
import type { ClientProof } from '#shared/protocol/sapi/oauth.ts'
import { basicCredentials, verifyClientSecret } from '#edge/auth/client-secret.ts'
import { findCredential } from '#edge/db/d1/credentials.ts'
import type { Scope } from '../scope.ts'
import { noteFailedLogin } from '../login/failed-logins.ts'
import type { Requester } from '../login/grant.ts'
import { assertedClientId, verifyAssertion } from './client-assertion.ts'
import { type Client, findClient } from './clients.ts'

type Sender = Pick<Requester, 'authorization' | 'issuer'>

/**
 * Who asks, by the one method that the client is registered for (RFC 6749 §2.3, RFC 7523 §2.2). A public
 * client says who it is and proves nothing. Undefined: no such client, a wrong proof, or out of use.
 * @throws AppError `invalidRequest` where there is more than one proof.
 */
export async function authenticateClient(scope: Scope, body: ClientProof, sender: Sender): Promise<Client | undefined> {
  const basic = basicCredentials(sender.authorization ?? null)
  const proofs = [basic, body.client_secret, body.client_assertion].filter((proof) => proof !== undefined)
  if (proofs.length > 1) throw new AppError('invalidRequest', { context: { reason: 'More than one client authentication' } })
  if (body.client_assertion !== undefined) return byAssertion(scope, body, sender)
  const clientId = basic?.clientId ?? body.client_id
  if (clientId === undefined) return undefined
  // RFC 6749 §2.3: who is named twice is the same.
  if (body.client_id !== undefined && body.client_id !== clientId) return undefined
  const client = await findClient(scope, clientId)
  const secret = basic?.clientSecret ?? body.client_secret
  if (secret === undefined) return client?.data.authMethod === 'none' ? client : undefined
  const takesSecret = client !== undefined && isSecretMethod(client, basic === undefined ? 'client_secret_post' : 'client_secret_basic')
  const right = await verifyClientSecret(secret, takesSecret ? client.secretHash : undefined)
  return right ? client : undefined
}

/** @throws AppError `invalidClient`. */
export async function requireClient(scope: Scope, body: ClientProof, sender: Sender & Pick<Requester, 'address'>): Promise<Client> {
  const client = await authenticateClient(scope, body, sender)
  if (client !== undefined) return client
  await noteFailedClient(scope, body, sender)
  throw new AppError('invalidClient')
}

/** AUTH-4: of a client of no domain, the default domain's admins learn. */
async function noteFailedClient(
  scope: Scope,
  body: ClientProof,
  { authorization, address }: Pick<Requester, 'authorization' | 'address'>,
): Promise<void> {
  const asserted = body.client_assertion === undefined ? undefined : assertedClientId(body.client_assertion)
  const account = asserted ?? basicCredentials(authorization ?? null)?.clientId ?? body.client_id ?? ''
  const found = await findCredential(scope.db, account)
  await noteFailedLogin(scope, { reason: 'invalidClient', account, domainId: found?.domain.id, address })
}

const isSecretMethod = ({ data }: Client, method: 'client_secret_basic' | 'client_secret_post'): boolean =>
  data.authMethod === undefined || data.authMethod === method

async function byAssertion(scope: Scope, body: ClientProof, sender: Sender): Promise<Client | undefined> {
  const { client_assertion: assertion, client_assertion_type: type, client_id: named } = body
  if (assertion === undefined || type !== 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer') return undefined
  const clientId = assertedClientId(assertion)
  if (clientId === undefined || (named !== undefined && named !== clientId)) return undefined
  const client = await findClient(scope, clientId)
  if (client?.data.authMethod !== 'private_key_jwt') return undefined
  return (await verifyAssertion(scope, client, { assertion, issuer: sender.issuer })) ? client : undefined
}
