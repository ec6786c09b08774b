import { chainOf, type DomainRow } from '#edge/db/d1/domains.ts'
import type { UserInDomain } from '#edge/db/d1/users.ts'
import { sessionCapabilities } from '#edge/domain/capabilities.ts'
import { type DomainChain, isDisabled } from '#edge/domain/identity/domain-chain.ts'
import type { DomainPolicy } from '#edge/domain/ports.ts'
import { deploymentSettings, policyFrom } from '../directory.ts'
import type { Scope } from '../scope.ts'
import type { Subject } from './open-login.ts'

/**
 * The user as it stands now. Undefined: the user or its domain is out of use, or may not log in as it has.
 * Without a credential of ours, it was a login provider that vouched for the user (AUTH-2).
 */
export async function userSubject(
  scope: Scope,
  { user, domain }: UserInDomain,
  { credentialId }: { credentialId: string | null },
): Promise<Subject | undefined> {
  if (user.disabled) return undefined
  const chain = await chainOf(scope.db, domain)
  if (isDisabled(chain)) return undefined
  const policy = policyFrom(chain, deploymentSettings(scope.env))
  if (credentialId === null && !mayFederate(policy, { chain, capabilities: user.capabilities })) return undefined
  return {
    kind: credentialId === null ? 'federated' : 'password',
    userId: user.id,
    role: user.role,
    username: `${user.username}@${domain.name}`,
    ...(user.alias === '' ? {} : { displayName: user.alias }),
    credentialId,
    chain,
    policy,
    accessTokenLifetime: policy.settings.logins.accessTokenLifetime,
  }
}

/** The domain lists the service (DOM-3), and no rule has taken the capability away (CAP-1). */
function mayFederate(
  { services }: DomainPolicy,
  { chain, capabilities }: { chain: DomainChain<DomainRow>; capabilities: readonly string[] },
): boolean {
  if (!services.includes('oauth2client')) return false
  const domain = chain.flatMap((node) => node.capabilities)
  return sessionCapabilities({ services, domain, user: capabilities }, []).includes('login-token')
}
