import { AppError } from '#shared/errors/AppError.ts'
import type { BookQuery, EntryKind } from '#shared/protocol/sapi/contacts.ts'
import type { EntryRow } from '#edge/db/d1/contacts.ts'
import { findGroup, type GroupInDomain } from '#edge/db/d1/groups.ts'
import { administers, isAdmin } from '#edge/domain/identity/access.ts'
import { groupIdOf } from '#edge/domain/identity/group-target.ts'
import type { Identity } from '#edge/domain/identity.ts'
import { hasCapability, refusePruned, requireCapability } from './requirements.ts'
import type { Scope } from './scope.ts'
import { visibleGroup } from './visible-groups.ts'

/**
 * Whose address books there are (CONT-1), and who reads and writes them:
 *
 *   private  its user                        its user; adding takes that no rule prunes `create-contacts`
 *   shared   the users of the domain         its admins, and whom a rule gives `create-contacts`
 *   group    the group's owner and           its owner, and admins of the domain
 *            participants with the
 *            capability `user-group-contacts`; admins of the domain
 *
 * Both capabilities are ones that no service offers, so a domain or user has to be given them.
 */
export type AddressBook = Pick<EntryRow, 'kind' | 'book' | 'domainId' | 'ownerId' | 'groupId'>

export const groupContacts = 'user-group-contacts'
const creation = 'create-contacts'

/** @throws AppError `notFound`, `invalidRequest`, `forbidden`. */
export async function bookToWrite(
  scope: Scope,
  actor: Identity,
  named: { kind: EntryKind; group?: string | null | undefined },
): Promise<AddressBook> {
  const book = await bookToRead(scope, actor, named)
  await requireWriter(scope, actor, book)
  if (book.kind === 'private') await refusePruned(scope.env, actor, creation)
  return book
}

/** @throws AppError `notFound`, `invalidRequest`, `forbidden`. */
export async function bookToRead(
  scope: Scope,
  actor: Identity,
  { kind, group }: { kind: EntryKind; group?: BookQuery['group'] | null },
): Promise<AddressBook> {
  const none = { ownerId: null, groupId: null }
  switch (kind) {
    case 'private':
      return { ...none, kind, book: actor.userId, domainId: actor.domainId, ownerId: actor.userId }
    case 'shared':
      return { ...none, kind, book: actor.domainId, domainId: actor.domainId }
    case 'group': {
      if (group === null || group === undefined)
        throw AppError.invalidField('group', 'A group entry is in the address book of a users group')
      const found = await visibleGroup(scope, actor, groupIdOf(group))
      if (!isMember(actor, found)) throw new AppError('notFound')
      await requireGroupContacts(scope, actor, found)
      return { ...none, kind, book: found.group.id, domainId: found.domain.id, groupId: found.group.id }
    }
  }
}

/** Whether the actor may know of an entry at all. */
export async function mayRead(scope: Scope, actor: Identity, entry: EntryRow): Promise<boolean> {
  if (entry.kind === 'private') return entry.ownerId === actor.userId
  if (entry.kind === 'shared') return entry.domainId === actor.domainId
  const found = await findGroup(scope.db, entry.book)
  if (found === undefined || !isMember(actor, found)) return false
  return administers(actor, found.domain.path) || hasCapability(scope.env, actor, groupContacts)
}

/** @throws AppError `forbidden`. The actor may read the book. */
export async function requireWriter(scope: Scope, actor: Identity, { kind, book }: AddressBook): Promise<void> {
  if (kind === 'shared' && !isAdmin(actor)) await requireCapability(scope.env, actor, creation)
  if (kind !== 'group') return
  const { group, domain } = await visibleGroup(scope, actor, book)
  if (group.ownerId !== actor.userId && !administers(actor, domain.path))
    throw new AppError('forbidden', { context: { reason: 'notGroupOwner' } })
}

const isMember = (actor: Identity, { group, domain, participants }: GroupInDomain): boolean =>
  group.ownerId === actor.userId || participants.includes(actor.userId) || administers(actor, domain.path)

async function requireGroupContacts(scope: Scope, actor: Identity, { domain }: GroupInDomain): Promise<void> {
  if (!administers(actor, domain.path)) await requireCapability(scope.env, actor, groupContacts)
}
