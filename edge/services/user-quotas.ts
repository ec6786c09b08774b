import { AppError } from '#shared/errors/AppError.ts'
import { brokenConstraint } from '#edge/db/d1/constraints.ts'
import { chainOf, type DomainRow } from '#edge/db/d1/domains.ts'
import type { UserQuota } from '#edge/db/d1/quotas.ts'
import { quotasOf } from '#edge/domain/quotas/domain-quotas.ts'
import { deploymentSettings } from './directory.ts'
import type { Scope } from './scope.ts'

/** How many users there may be where one is about to be added (OPS-1): in the domain and in each of its ancestors, with all under them. */
export async function userQuotasOf(scope: Scope, domain: DomainRow): Promise<UserQuota[]> {
  const chain = await chainOf(scope.db, domain)
  return quotasOf('users', { deployment: deploymentSettings(scope.env), chain }).map(({ node, limit }) => ({ path: node.path, limit }))
}

/** What a write that broke one of these quotas is answered. Undefined: it failed for another reason. */
export const quotaConflict = (thrown: unknown, quotas: readonly UserQuota[]): AppError | undefined =>
  brokenConstraint(thrown) === 'quota'
    ? new AppError('conflict', { context: { reason: 'usersQuota', users: Math.min(...quotas.map(({ limit }) => limit)) }, cause: thrown })
    : undefined
