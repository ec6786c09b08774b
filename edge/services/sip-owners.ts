import { AppError } from '#shared/errors/AppError.ts'
import type { DomainRow } from '#edge/db/d1/domains.ts'
import { findGroup } from '#edge/db/d1/groups.ts'
import { findUser } from '#edge/db/d1/users.ts'
import { type Actor, administers } from '#edge/domain/identity/access.ts'
import { ownerOf, type StoredOwner } from '#edge/domain/sip/owner.ts'
import type { Scope } from './scope.ts'

/** The user or group that shall have a SIP identity. @throws AppError `notFound` where there is none in the actor's domains. */
export async function administeredOwner(scope: Scope, actor: Actor, ownerUri: string): Promise<{ owner: StoredOwner; domain: DomainRow }> {
  const owner = ownerOf(ownerUri)
  const domain = 'userId' in owner ? (await findUser(scope.db, owner))?.domain : (await findGroup(scope.db, owner.groupId))?.domain
  if (domain === undefined || !administers(actor, domain.path)) throw new AppError('notFound', { context: { ownerUri } })
  return { owner: { userId: null, groupId: null, ...owner }, domain }
}
