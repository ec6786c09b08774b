import { AppError } from '#shared/errors/AppError.ts'
import { newId } from '#shared/ids/ids.ts'
import type { CreateUser, DeletedUser, ListUsersQuery, ReplaceUser, UserView } from '#shared/protocol/sapi/users.ts'
import {
  deleteUser,
  findUser,
  hasOtherPlatformAdmin,
  insertUser,
  listUsers,
  updateUser,
  type UserChange,
  type UserInDomain,
  type UserRow,
} from '#edge/db/d1/users.ts'
import { type Actor, administers, isAdmin, mayHandle } from '#edge/domain/identity/access.ts'
import { searchTextOf } from '#edge/domain/identity/search.ts'
import { userUri } from '#edge/domain/identity/user-target.ts'
import type { Change } from './change.ts'
import { forgetDomainsAndUsers } from './directory.ts'
import { announceEnded } from './ended-logins.ts'
import { type PageOf, pageOf } from './page.ts'
import { refuseBroken } from './refuse-broken.ts'
import type { Scope } from './scope.ts'
import { userQuotasOf } from './user-quotas.ts'
import { administeredDomainNamed, scopePath } from './visible-domains.ts'

/** USER-1..3. */

export async function listUsersFor(
  scope: Scope,
  actor: Actor,
  { domain, cursor, limit, ...filter }: ListUsersQuery,
): Promise<PageOf<UserView>> {
  const where =
    domain === undefined ? { path: await scopePath(scope, actor) } : { domainId: (await administeredDomainNamed(scope, actor, domain)).id }
  const rows = await listUsers(scope.db, { ...where, ...filter, after: cursor, limit: limit + 1 })
  return pageOf(rows, { limit, cursorOf: ({ user }) => user.id, view: viewOf })
}

/** An admin sees the users of its domains, anybody itself. */
export async function getUser(scope: Scope, actor: Actor, id: string): Promise<UserView> {
  const found = await findUser(scope.db, { userId: id })
  if (found === undefined || (found.user.id !== actor.userId && !administers(actor, found.domain.path))) throw new AppError('notFound')
  return viewOf(found)
}

export async function createUser(scope: Scope, actor: Actor, body: CreateUser): Promise<UserView> {
  const domain = await administeredDomainNamed(scope, actor, body.domain)
  if (!mayHandle(actor, body.role)) throw new AppError('forbidden', { context: { role: body.role } })
  const user: UserRow = {
    ...changeOf(body, domain.id),
    id: newId(),
    hasHub: false,
    revision: 1,
    createdAt: scope.clock.now(),
    lastLogin: null,
  }
  const quotas = await userQuotasOf(scope, domain)
  await refuseBroken(() => insertUser(scope.db, user, { quotas }), { unique: { username: `${user.username}@${domain.name}` }, quotas })
  forgetDomainsAndUsers()
  return viewOf({ user, domain })
}

/** A change of name, domain, role or use ends the user's logins: their tokens say otherwise. */
export async function changeUser(scope: Scope, actor: Actor, id: string, by: Change<UserView, ReplaceUser>): Promise<UserView> {
  const before = await administeredUser(scope, actor, id)
  const body = await by.of(viewOf(before))
  const domain = await administeredDomainNamed(scope, actor, body.domain)
  if (!mayHandle(actor, body.role)) throw new AppError('forbidden', { context: { role: body.role } })
  if (body.disabled || body.role !== 'platform-admin') await keepPlatformAdmin(scope, before.user)
  const change = changeOf(body, domain.id)
  const { user } = before
  const moved = change.domainId !== user.domainId
  // Who only moves within what a quota covers is no further user there.
  const quotas = moved ? await userQuotasOf(scope, domain) : []
  const options = {
    quotas,
    endLogins: moved || change.username !== user.username || change.role !== user.role || (change.disabled && !user.disabled),
    forgetHub: domain.jurisdiction !== before.domain.jurisdiction,
    now: scope.clock.now(),
  }
  announceEnded(
    scope,
    await refuseBroken(() => updateUser(scope.db, user, change, options), {
      unique: { username: `${change.username}@${domain.name}` },
      quotas,
    }),
  )
  forgetDomainsAndUsers()
  return viewOf({ user: { ...user, ...change }, domain })
}

/** Removes the user with its credentials and logins, and says how many. */
export async function removeUser(
  scope: Scope,
  actor: Actor,
  id: string,
  expect: (current: UserView) => Promise<void>,
): Promise<DeletedUser> {
  const found = await administeredUser(scope, actor, id)
  const { user } = found
  await expect(viewOf(found))
  await keepPlatformAdmin(scope, user)
  const { ended, ...removed } = await refuseBroken(() => deleteUser(scope.db, user, scope.clock.now()))
  announceEnded(scope, ended)
  forgetDomainsAndUsers()
  return { id, removed }
}

/** A user that the actor may change. @throws AppError `notFound` outside its domains, `forbidden` above its role. */
export async function administeredUser(scope: Scope, actor: Actor, id: string): Promise<UserInDomain> {
  const found = await findUser(scope.db, { userId: id })
  if (found === undefined || !isAdmin(actor) || !administers(actor, found.domain.path)) throw new AppError('notFound')
  if (!mayHandle(actor, found.user.role)) throw new AppError('forbidden', { context: { role: found.user.role } })
  return found
}

/** The deployment never loses its last platform admin. @throws AppError `conflict`. */
export async function keepPlatformAdmin(scope: Scope, user: UserRow): Promise<void> {
  if (user.role !== 'platform-admin' || user.disabled) return
  if (!(await hasOtherPlatformAdmin(scope.db, { userId: user.id })))
    throw new AppError('conflict', { context: { reason: 'lastPlatformAdmin' } })
}

function changeOf({ domain: _, ...body }: CreateUser | ReplaceUser, domainId: string): UserChange {
  return { ...body, domainId, search: searchTextOf(body) }
}

function viewOf({ user, domain }: UserInDomain): UserView {
  const { id, username, email, role, capabilities, mobilePhone, landLineNumber, alias, disabled, createdAt, lastLogin } = user
  return {
    id,
    uri: userUri(id),
    domain: domain.name,
    username,
    email,
    role,
    capabilities,
    mobilePhone,
    landLineNumber,
    alias,
    disabled,
    created: createdAt,
    lastLogin,
  }
}
