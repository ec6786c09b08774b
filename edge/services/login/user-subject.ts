import { chainOf } from '#edge/db/d1/domains.ts'
import type { UserInDomain } from '#edge/db/d1/users.ts'
import { isDisabled } from '#edge/domain/identity/domain-chain.ts'
import { deploymentSettings, policyFrom } from '../directory.ts'
import type { Scope } from '../scope.ts'
import type { Subject } from './open-login.ts'

/** The user as it stands now. Undefined: the user or its domain is out of use. */
export async function userSubject(
  scope: Scope,
  { user, domain }: UserInDomain,
  { credentialId }: { credentialId: string | null },
): Promise<Subject | undefined> {
  if (user.disabled) return undefined
  const chain = await chainOf(scope.db, domain)
  if (isDisabled(chain)) return undefined
  const policy = policyFrom(chain, deploymentSettings(scope.env))
  return {
    kind: 'password',
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
