import { AppError } from '#shared/errors/AppError.ts'
import type { Contact } from '#shared/protocol/sapi/contacts.ts'
import type { PageQuery } from '#shared/protocol/sapi/paging.ts'
import { listUsersByName, type UserInDomain } from '#edge/db/d1/users.ts'
import type { Actor } from '#edge/domain/identity/access.ts'
import { type PageOf, pageOf } from './page.ts'
import type { Scope } from './scope.ts'

/** DOM-4: users of one domain see one another. To anonymous callers nobody is listed. */
export async function listContacts(scope: Scope, actor: Actor, query: PageQuery & { q?: string | undefined }): Promise<PageOf<Contact>> {
  if (actor.role === 'anonymous') throw new AppError('forbidden')
  const rows = await listUsersByName(scope.db, { domainId: actor.domainId, q: query.q, after: query.cursor, limit: query.limit + 1 })
  return pageOf(rows, { limit: query.limit, cursorOf: ({ user }) => user.username, view: contactOf })
}

const contactOf = ({ user, domain }: UserInDomain): Contact => ({
  id: user.id,
  username: `${user.username}@${domain.name}`,
  ...(user.alias === '' ? {} : { displayName: user.alias }),
})
