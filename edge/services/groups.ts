import { AppError } from '#shared/errors/AppError.ts'
import { newId } from '#shared/ids/ids.ts'
import {
  type CreateGroup,
  type GroupSummary,
  type GroupView,
  type ListGroupsQuery,
  maxGroupParticipants,
  type ReplaceGroup,
} from '#shared/protocol/sapi/groups.ts'
import type { Database } from '#edge/db/d1/database.ts'
import type { DomainRow } from '#edge/db/d1/domains.ts'
import {
  countOwnedGroups,
  deleteGroup,
  findGroup,
  type GroupInDomain,
  type GroupRow,
  insertGroup,
  listGroups,
  listParticipants,
  updateGroup,
} from '#edge/db/d1/groups.ts'
import { type Actor, administers } from '#edge/domain/identity/access.ts'
import { groupUri, userIdOf } from '#edge/domain/identity/group-target.ts'
import { searchable } from '#edge/domain/identity/search.ts'
import type { Change } from './change.ts'
import { addressOf, type FoundUser } from './directory.ts'
import { type PageOf, pageOf } from './page.ts'
import type { Scope } from './scope.ts'
import { administeredDomainNamed, ownDomain } from './visible-domains.ts'
import { groupConflict, managedGroup, refuseOvertaken, requireUserOf, unknownUser, visibleGroup } from './visible-groups.ts'

/** GRP-1. A group and its participants are of one domain, whose users all see it, as they see one another (DOM-4). */

/** Groups that one user may own: nobody has use for more, and they are the whole domain's list. */
const maxOwned = 100

export async function createGroup(scope: Scope, actor: Actor, body: CreateGroup): Promise<GroupView> {
  const domain = body.domain === '' ? await ownDomain(scope, actor) : await domainNamed(scope, actor, body.domain)
  const ownerId = userIdOf(body.owner ?? actor.userId)
  if (ownerId !== actor.userId && !administers(actor, domain.path)) throw new AppError('forbidden', { context: { owner: ownerId } })
  await requireUserOf(scope, domain, ownerId)
  if ((await countOwnedGroups(scope.db, ownerId)) >= maxOwned) throw groupConflict({ reason: 'tooManyGroups', limit: maxOwned })
  const group: GroupRow = {
    id: newId(),
    domainId: domain.id,
    name: body.name,
    search: searchable(body.name),
    ownerId,
    revision: 1,
    createdAt: scope.clock.now(),
  }
  await refuseOvertaken(() => insertGroup(scope.db, group))
  return viewOf({ group, domain, participants: [ownerId] })
}

export async function listGroupsFor(scope: Scope, actor: Actor, query: ListGroupsQuery): Promise<PageOf<GroupSummary>> {
  const domain = query.domain === undefined ? await ownDomain(scope, actor) : await domainNamed(scope, actor, query.domain)
  const rows = await listGroups(scope.db, {
    domainId: domain.id,
    q: query.q,
    participantId: query.participant === undefined ? undefined : userIdOf(query.participant),
    ownerId: query.owner === undefined ? undefined : userIdOf(query.owner),
    after: query.cursor,
    limit: query.limit + 1,
  })
  return pageOf(rows, {
    limit: query.limit,
    cursorOf: ({ group }) => group.id,
    view: ({ group, participantCount }) => ({ ...summaryOf(group, domain), participantCount }),
  })
}

export const getGroup = async (scope: Scope, actor: Actor, id: string): Promise<GroupView> => viewOf(await visibleGroup(scope, actor, id))

export async function changeGroup(scope: Scope, actor: Actor, id: string, by: Change<GroupView, ReplaceGroup>): Promise<GroupView> {
  const found = await managedGroup(scope, actor, id)
  const body = await by.of(viewOf(found))
  const { group, domain, participants } = found
  const ownerId = body.owner === undefined ? group.ownerId : userIdOf(body.owner)
  if (ownerId !== group.ownerId && !participants.includes(ownerId)) {
    if (!administers(actor, domain.path)) throw new AppError('forbidden', { context: { owner: ownerId } })
    await requireUserOf(scope, domain, ownerId)
  }
  const change = { name: body.name, search: searchable(body.name), ownerId }
  if (!(await refuseOvertaken(() => updateGroup(scope.db, group, change, scope.clock.now())))) throw unknownUser(ownerId)
  return viewOf({ group: { ...group, ...change }, domain, participants })
}

export async function removeGroup(scope: Scope, actor: Actor, id: string, expect: (current: GroupView) => Promise<void>): Promise<void> {
  const found = await managedGroup(scope, actor, id)
  await expect(viewOf(found))
  await refuseOvertaken(() => deleteGroup(scope.db, found.group, scope.clock.now()))
}

/** The users in use that a call to the group rings, the longest in it first; undefined: there is no such group in this domain. */
export async function participantsOf(
  db: Database,
  { groupId, domainId }: { groupId: string; domainId: string },
): Promise<FoundUser[] | undefined> {
  const found = await findGroup(db, groupId)
  if (found === undefined || found.domain.id !== domainId) return undefined
  const rows = await listParticipants(db, groupId, { limit: maxGroupParticipants })
  return rows.filter(({ user }) => !user.disabled).map(addressOf)
}

const viewOf = ({ group, domain, participants }: GroupInDomain): GroupView => ({
  ...summaryOf(group, domain),
  participants: [...participants],
})

function summaryOf({ id, name, ownerId, createdAt }: GroupRow, domain: DomainRow) {
  return { id, uri: groupUri(id), domain: domain.name, name, owner: ownerId, created: createdAt }
}

/** The domain that a body or query names, for its own users and its admins. @throws AppError `notFound`. */
async function domainNamed(scope: Scope, actor: Actor, name: string): Promise<DomainRow> {
  const own = await ownDomain(scope, actor)
  return own.name === name ? own : administeredDomainNamed(scope, actor, name)
}
