import * as client from 'openid-client'
import { secretBox } from '#edge/auth/secret-box.ts'
import { findChain } from '#edge/db/d1/domains.ts'
import { noteEvent } from '#edge/db/d1/outgoing-events.ts'
import { deleteThirdPartyToken, findThirdPartyToken, putThirdPartyToken, type ThirdPartyTokenKey } from '#edge/db/d1/third-party-tokens.ts'
import { findUser, type UserInDomain } from '#edge/db/d1/users.ts'
import type { Scope } from '../scope.ts'
import { connectionTo, failureOf } from './connection.ts'
import { type Provider, providerOfKey } from './providers.ts'

/** Tokens of providers, kept sealed for the connectors that act there in a user's name (AUTH-2). */

/** One that ends within this many milliseconds is not worth setting out with. */
const margin = 60_000

/** Stores what a provider has issued, over what it issued before; the event that tells of it holds no token. */
export async function storeThirdPartyToken(
  scope: Scope,
  options: { user: UserInDomain; provider: Provider; tokens: client.TokenEndpointResponse },
): Promise<void> {
  const { user, provider, tokens } = options
  const key = { userId: user.user.id, provider: provider.key }
  const now = scope.clock.now()
  const box = await tokenBox(scope)
  const { access_token, refresh_token, expires_in, scope: granted } = tokens
  await scope.db.batch([
    putThirdPartyToken(scope.db, {
      ...key,
      sealedAccessToken: await box.seal(access_token, nameOf(key, 'access')),
      sealedRefreshToken: refresh_token === undefined ? null : await box.seal(refresh_token, nameOf(key, 'refresh')),
      expiresAt: expires_in === undefined ? null : now + expires_in * 1000,
      // Absent: what was asked for (RFC 6749 §5.1).
      scope: granted ?? provider.scopes.join(' '),
      storedAt: now,
    }),
    noteEvent(scope.db, { type: 'thirdPartyToken.stored', domainId: user.domain.id, data: key, now }),
  ])
}

/**
 * An access token of the user at the provider that is good now, renewed where it has to be. Undefined: there
 * is none, and only a new login there brings one.
 * @throws AppError `federationUnavailable`, `federationInvalid` where the provider does not know us any more.
 */
export async function thirdPartyToken(scope: Scope, key: ThirdPartyTokenKey): Promise<{ accessToken: string; scope: string } | undefined> {
  const row = await findThirdPartyToken(scope.db, key)
  if (row === undefined) return undefined
  const box = await tokenBox(scope)
  if (row.expiresAt === null || row.expiresAt - margin > scope.clock.now())
    return { accessToken: await box.open(row.sealedAccessToken, nameOf(key, 'access')), scope: row.scope }
  if (row.sealedRefreshToken === null) return undefined
  const user = await findUser(scope.db, { userId: key.userId })
  const chain = user === undefined ? undefined : await findChain(scope.db, user.domain.id)
  const provider = chain === undefined ? undefined : await providerOfKey(scope, key.provider, chain)
  if (user === undefined || provider === undefined) return undefined
  const connection = await connectionTo(scope.env, provider)
  try {
    const tokens = await client.refreshTokenGrant(connection, await box.open(row.sealedRefreshToken, nameOf(key, 'refresh')))
    await storeThirdPartyToken(scope, { user, provider, tokens })
    return { accessToken: tokens.access_token, scope: tokens.scope ?? row.scope }
  } catch (thrown) {
    if (thrown instanceof client.ResponseBodyError && thrown.error === 'invalid_grant') return renewedMeanwhile(scope, key, row.revision)
    throw failureOf(thrown)
  }
}

/** The provider does not take the refresh token: another renewal was quicker, or the user has taken it back. */
async function renewedMeanwhile(
  scope: Scope,
  key: ThirdPartyTokenKey,
  revision: number,
): Promise<{ accessToken: string; scope: string } | undefined> {
  const row = await findThirdPartyToken(scope.db, key)
  if (row === undefined) return undefined
  if (row.revision === revision) {
    await deleteThirdPartyToken(scope.db, row)
    return undefined
  }
  return { accessToken: await (await tokenBox(scope)).open(row.sealedAccessToken, nameOf(key, 'access')), scope: row.scope }
}

const tokenBox = (scope: Scope) => secretBox(scope.env.RINGWAY_MASTER_KEY, 'third-party tokens')

const nameOf = ({ userId, provider }: ThirdPartyTokenKey, kind: 'access' | 'refresh'): string => `${userId} ${provider} ${kind}`
