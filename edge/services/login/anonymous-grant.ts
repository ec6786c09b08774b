import { AppError } from '#shared/errors/AppError.ts'
import { newId } from '#shared/ids/ids.ts'
import type { TokenResponse } from '#shared/protocol/sapi/oauth.ts'
import { chainOf, type DomainRow, findByOrigins, findDomainByName } from '#edge/db/d1/domains.ts'
import { anonymousUserId, anonymousUsername } from '#edge/domain/identity/anonymous.ts'
import { type DomainChain, isDisabled, ownNode } from '#edge/domain/identity/domain-chain.ts'
import { hostOf, hostOfOrigin, patternsMatching } from '#edge/domain/identity/origin-patterns.ts'
import { deploymentSettings, policyFrom } from '../directory.ts'
import type { Scope } from '../scope.ts'
import type { Requester } from './grant.ts'
import { openLogin, type Subject } from './open-login.ts'

/** AUTH-3. No such domain and one without anonymous login are one answer. */
export async function grantAnonymous(
  scope: Scope,
  request: { username?: string | undefined },
  requester: Requester,
): Promise<TokenResponse> {
  const domain = await domainOfVisitor(scope, request.username, requester.origin)
  const chain = domain === undefined ? undefined : await chainOf(scope.db, domain)
  if (chain === undefined || isDisabled(chain)) throw new AppError('invalidGrant')
  const subject = anonymousSubject(scope, anonymousUserId(newId()), chain)
  if (!subject.policy.services.includes('login')) throw new AppError('serviceNotEnabled', { context: { service: 'login' } })
  return openLogin(scope, subject, requester)
}

/** The anonymous user of this id, as its domain stands now. */
export function anonymousSubject(scope: Scope, userId: string, chain: DomainChain<DomainRow>): Subject {
  const { name, anonymousExpiration } = ownNode(chain)
  const policy = policyFrom(chain, deploymentSettings(scope.env))
  return {
    kind: 'anonymous',
    userId,
    role: 'anonymous',
    username: anonymousUsername(userId, name),
    credentialId: null,
    credentialRevision: null,
    provider: null,
    chain,
    policy,
    accessTokenLifetime:
      anonymousExpiration === 0 ? policy.settings.logins.accessTokenLifetime : Math.max(1, Math.floor(anonymousExpiration / 1000)),
  }
}

/**
 * `@x`: the domain x, or the one that claims x among its origins. Without a name, the one that claims the
 * page's own origin. Where a domain x exists but takes no visitors, only domains under it may claim its
 * name: nobody else gets its visitors.
 */
async function domainOfVisitor(scope: Scope, username: string | undefined, origin: string | undefined): Promise<DomainRow | undefined> {
  if (username === undefined || username === '' || username === '@') return domainByHost(scope, hostOfOrigin(origin ?? ''))
  if (!username.startsWith('@')) return undefined
  const name = username.slice(1)
  const named = await findDomainByName(scope.db, name)
  if (named?.enableAnonymous === true) return named
  return domainByHost(scope, hostOf(name), named?.path)
}

/** The domain with the most specific pattern that matches; among equals the oldest. */
async function domainByHost(scope: Scope, host: string | undefined, path = '/'): Promise<DomainRow | undefined> {
  if (host === undefined) return undefined
  const patterns = patternsMatching(host).slice(0, 64)
  const claims = await findByOrigins(scope.db, patterns)
  const open = claims.filter(({ domain }) => domain.enableAnonymous && !domain.disabled && domain.path.startsWith(path))
  const rank = (pattern: string) => patterns.indexOf(pattern)
  return open.toSorted((a, b) => rank(a.pattern) - rank(b.pattern) || a.domain.createdAt - b.domain.createdAt)[0]?.domain
}
