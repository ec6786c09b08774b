import { AppError, type ErrorContext } from '#shared/errors/AppError.ts'
import type { DomainRow } from '#edge/db/d1/domains.ts'
import { findGroup, type GroupInDomain } from '#edge/db/d1/groups.ts'
import { findUser } from '#edge/db/d1/users.ts'
import { type Actor, administers } from '#edge/domain/identity/access.ts'
import { refuseBroken } from './refuse-broken.ts'
import type { Scope } from './scope.ts'

/** What lies outside an actor's domains answers exactly like what does not exist. */

/** @throws AppError `notFound` to whom the group's domain is not its own. */
export async function visibleGroup(scope: Scope, actor: Actor, id: string): Promise<GroupInDomain> {
  const found = await findGroup(scope.db, id)
  if (found === undefined || (found.domain.id !== actor.domainId && !administers(actor, found.domain.path))) throw new AppError('notFound')
  return found
}

/** @throws AppError `notFound`, `forbidden` to all but the owner and admins. */
export async function managedGroup(scope: Scope, actor: Actor, id: string): Promise<GroupInDomain> {
  const found = await visibleGroup(scope, actor, id)
  if (found.group.ownerId !== actor.userId && !administers(actor, found.domain.path))
    throw new AppError('forbidden', { context: { reason: 'notGroupOwner' } })
  return found
}

/** @throws AppError `notFound` where there is no such user in the domain. */
export async function requireUserOf(scope: Scope, domain: DomainRow, userId: string): Promise<void> {
  const found = await findUser(scope.db, { userId })
  if (found?.domain.id !== domain.id) throw unknownUser(userId)
}

/** A change of a group that was decided on its users. @throws AppError `conflict` where one of them, or the group, is another by now. */
export const refuseOvertaken = <Value>(write: () => Promise<Value>): Promise<Value> =>
  refuseBroken(write, { foreignKey: 'changedMeanwhile' })

export const unknownUser = (userId: string): AppError => new AppError('notFound', { context: { user: userId } })

export const groupConflict = (context: ErrorContext): AppError => new AppError('conflict', { context })
