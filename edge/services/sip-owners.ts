import { AppError } from '#shared/errors/AppError.ts'
import type { DomainRow } from '#edge/db/d1/domains.ts'
import { findGroup } from '#edge/db/d1/groups.ts'
import type { SipMappingRow, SipOwner } from '#edge/db/d1/sip-mappings.ts'
import { findUser } from '#edge/db/d1/users.ts'
import { type Actor, administers } from '#edge/domain/identity/access.ts'
import { groupIdOf, groupUri, userIdOf } from '#edge/domain/identity/group-target.ts'
import { userUri } from '#edge/domain/identity/user-target.ts'
import type { Scope } from './scope.ts'

/** What may have a SIP identity: a user or a group. */

type Owner = Pick<SipMappingRow, 'userId' | 'groupId'>

/** Of `wac-user:<id>` or `wac-group:<id>`, as the schema has them. */
export const ownerOf = (ownerUri: string): SipOwner =>
  ownerUri.startsWith(userUri('')) ? { userId: userIdOf(ownerUri) } : { groupId: groupIdOf(ownerUri) }

export const ownerUriOf = ({ userId, groupId }: Owner): string => (userId === null ? groupUri(groupId ?? '') : userUri(userId))

/** @throws AppError `notFound` where there is none in the actor's domains. */
export async function administeredOwner(scope: Scope, actor: Actor, ownerUri: string): Promise<{ owner: Owner; domain: DomainRow }> {
  const owner = ownerOf(ownerUri)
  const domain = 'userId' in owner ? (await findUser(scope.db, owner))?.domain : (await findGroup(scope.db, owner.groupId))?.domain
  if (domain === undefined || !administers(actor, domain.path)) throw new AppError('notFound', { context: { ownerUri } })
  return { owner: { userId: null, groupId: null, ...owner }, domain }
}
