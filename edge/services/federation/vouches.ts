import type { DomainRow } from '#edge/db/d1/domains.ts'
import { issuersOf } from '#edge/db/d1/oauth-identities.ts'
import type { DomainChain } from '#edge/domain/identity/domain-chain.ts'
import { isSameIssuer } from '#edge/domain/identity/issuers.ts'
import type { Scope } from '../scope.ts'
import { usableProviderOfKey } from './providers.ts'

/**
 * Whether a login provider may still speak for a user of this domain, so that a login that rests on its word
 * goes on: it is in use there, it is the one that it was, and the user is still linked to somebody at it.
 */
export async function vouches(scope: Scope, key: string, of: { chain: DomainChain<DomainRow>; userId: string }): Promise<boolean> {
  const provider = await usableProviderOfKey(scope, key, of.chain)
  if (provider === undefined) return false
  const issuers = await issuersOf(scope.db, { provider: key, userId: of.userId })
  return issuers.some((issuer) => isSameIssuer(provider.issuer, issuer))
}
