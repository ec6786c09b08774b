import { chainOf, type DomainRow } from '#edge/db/d1/domains.ts'
import { type CredentialRow, findCredential } from '#edge/db/d1/credentials.ts'
import type { UserInDomain, UserRow } from '#edge/db/d1/users.ts'
import { sessionCapabilities } from '#edge/domain/capabilities.ts'
import { type DomainChain, isDisabled } from '#edge/domain/identity/domain-chain.ts'
import type { DomainPolicy } from '#edge/domain/ports.ts'
import { deploymentSettings, policyFrom } from '../directory.ts'
import { vouches } from '../federation/vouches.ts'
import type { Scope } from '../scope.ts'
import type { Subject } from './open-login.ts'

/** What a user has logged in with: a credential of ours, or the word of the login provider with this key (AUTH-2). */
export interface Grounds {
  readonly credentialId: string | null
  readonly provider: string | null
}

/**
 * The user as it stands now. Undefined: the user, its domain or what it has logged in with is out of use, or
 * it may not log in so. `credential`: has been looked up already, and counts as it was then.
 */
export async function userSubject(
  scope: Scope,
  { user, domain }: UserInDomain,
  grounds: Grounds | { readonly credential: CredentialRow },
): Promise<Subject | undefined> {
  if (user.disabled) return undefined
  const provider = 'credential' in grounds ? null : grounds.provider
  const credential = 'credential' in grounds ? grounds.credential : await credentialOf(scope, grounds)
  if (credential === undefined ? provider === null : !isGood(credential, { user, now: scope.clock.now() })) return undefined
  const chain = await chainOf(scope.db, domain)
  if (isDisabled(chain)) return undefined
  const policy = policyFrom(chain, deploymentSettings(scope.env))
  if (credential === undefined) {
    if (provider === null || !mayFederate(policy, { chain, capabilities: user.capabilities })) return undefined
    if (!(await vouches(scope, provider, { chain, userId: user.id }))) return undefined
  }
  return {
    kind: credential === undefined ? 'federated' : 'password',
    userId: user.id,
    role: user.role,
    username: `${user.username}@${domain.name}`,
    ...(user.alias === '' ? {} : { displayName: user.alias }),
    credentialId: credential?.id ?? null,
    credentialRevision: credential?.revision ?? null,
    provider,
    chain,
    policy,
    accessTokenLifetime: policy.settings.logins.accessTokenLifetime,
  }
}

const credentialOf = async (scope: Scope, { credentialId }: Grounds): Promise<CredentialRow | undefined> =>
  credentialId === null ? undefined : (await findCredential(scope.db, credentialId))?.credential

/** A password whose lease has ended is none any more, and neither are the logins that were made with it (CRED-1). */
const isGood = ({ userId, expiresAt }: CredentialRow, { user, now }: { user: UserRow; now: number }): boolean =>
  userId === user.id && (expiresAt === null || expiresAt > now)

/** The domain lists the service (DOM-3), and no rule has taken the capability away (CAP-1). */
function mayFederate(
  { services }: DomainPolicy,
  { chain, capabilities }: { chain: DomainChain<DomainRow>; capabilities: readonly string[] },
): boolean {
  if (!services.includes('oauth2client')) return false
  const domain = chain.flatMap((node) => node.capabilities)
  return sessionCapabilities({ services, domain, user: capabilities }, []).includes('login-token')
}
