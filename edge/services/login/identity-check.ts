import { AppError } from '#shared/errors/AppError.ts'
import type { CheckedIdentity } from '#shared/protocol/sapi/identity.ts'
import type { AccessTokenClaims } from '#shared/protocol/tokens.ts'
import { chainOf, type DomainRow, findChain } from '#edge/db/d1/domains.ts'
import { findUser } from '#edge/db/d1/users.ts'
import { sessionCapabilities } from '#edge/domain/capabilities.ts'
import { type Actor, administers, isAdmin } from '#edge/domain/identity/access.ts'
import { clientUserId, isAnonymousUserId } from '#edge/domain/identity/anonymous.ts'
import { type DomainChain, idsInPath, isDisabled, ownNode } from '#edge/domain/identity/domain-chain.ts'
import { deploymentSettings, policyFrom } from '../directory.ts'
import type { Scope } from '../scope.ts'
import { standingLogin } from './standing-login.ts'
import { genuineClaims } from './token-state.ts'

const invalid: CheckedIdentity = { valid: false }

/**
 * AUTH-5, from the database and no cache. What the caller may not know of is not valid.
 * @throws AppError `forbidden` for anybody but an OAuth client or an admin.
 */
export async function checkIdentity(scope: Scope, actor: Actor, { token }: { token: string }): Promise<CheckedIdentity> {
  if (!isAdmin(actor) && !isClient(actor.userId)) throw new AppError('forbidden')
  const claims = await genuineClaims(scope, token)
  if (claims === undefined) return invalid
  const holder = await holderOf(scope, claims)
  if (holder === undefined || isDisabled(holder.chain) || !mayKnow(actor, ownNode(holder.chain))) return invalid
  const { chain, capabilities } = holder
  const { services, name } = policyFrom(chain, deploymentSettings(scope.env))
  if (!services.includes('login')) return invalid
  return {
    valid: true,
    user: claims.sub,
    username: claims.username,
    domain: name,
    role: claims.role,
    capabilities: sessionCapabilities({ services, domain: chain.flatMap((node) => node.capabilities), user: capabilities }, []),
    services: [...services],
    scope: claims.scope?.split(' ') ?? null,
    expires: claims.exp * 1000,
  }
}

const isClient = (userId: string): boolean => userId.startsWith(clientUserId(''))

/** A client serves the users of its domain and of those under it, like an admin. */
const mayKnow = (actor: Actor, domain: DomainRow): boolean =>
  administers(actor, domain.path) || (isClient(actor.userId) && idsInPath(domain.path).includes(actor.domainId))

interface Holder {
  readonly chain: DomainChain<DomainRow>
  /** Rules of its own. */
  readonly capabilities: readonly string[]
}

/** Whom the token speaks for, as that one stands now. Undefined: the login has ended, or nobody is behind it any more. */
async function holderOf(scope: Scope, { sub, sid, domain }: AccessTokenClaims): Promise<Holder | undefined> {
  const login = await standingLogin(scope, sid)
  if (login?.userId !== sub || login.domainId !== domain) return undefined
  if (isAnonymousUserId(sub) || isClient(sub)) {
    const chain = await findChain(scope.db, domain)
    return chain === undefined ? undefined : { chain, capabilities: isClient(sub) ? [] : ownNode(chain).anonymousCapabilities }
  }
  const found = await findUser(scope.db, { userId: sub })
  if (found === undefined || found.user.disabled || found.domain.id !== domain) return undefined
  return { chain: await chainOf(scope.db, found.domain), capabilities: found.user.capabilities }
}
