import { AppError } from '#shared/errors/AppError.ts'
import type { LoginView, Registration, RegistryQuery, SessionsQuery, SessionView } from '#shared/protocol/sapi/sessions.ts'
import { findLogin, type LoginRow } from '#edge/db/d1/logins.ts'
import { listLogins } from '#edge/db/d1/user-logins.ts'
import { listUsers } from '#edge/db/d1/users.ts'
import { transportsOf } from '#edge/domain/hub/transports.ts'
import type { SessionDescription } from '#edge/domain/hub/views.ts'
import type { Actor } from '#edge/domain/identity/access.ts'
import { userUri } from '#edge/domain/identity/user-target.ts'
import type { Identity } from '#edge/domain/identity.ts'
import { hubOf, type HubOwner, hubOwner, hubOwnerOf, sessionsOf } from './hub-owners.ts'
import { inTurns } from './in-turns.ts'
import { endLoginsNow } from './login/open-login.ts'
import { type PageOf, pageOf } from './page.ts'
import type { Scope } from './scope.ts'
import { administeredDomainNamed, scopePath } from './visible-domains.ts'

/** WAPI-2: sessions, logins and the registry, as hubs and the database know them. */

export async function listSessions(scope: Scope, actor: Actor, { user, cursor, limit }: SessionsQuery): Promise<PageOf<SessionView>> {
  const owner = await hubOwner(scope, actor, user)
  const sessions = (await sessionsOf(scope, owner)).toSorted((a, b) => (a.sessionId < b.sessionId ? -1 : 1))
  const rest = sessions.filter(({ sessionId }) => cursor === undefined || sessionId > cursor)
  return pageOf(rest, { limit, cursorOf: ({ sessionId }) => sessionId, view: (session) => viewOf(session, owner) })
}

export async function getSession(scope: Scope, actor: Actor, id: string, user: string | undefined): Promise<SessionView> {
  const owner = await hubOwner(scope, actor, user)
  const found = (await sessionsOf(scope, owner)).find(({ sessionId }) => sessionId === id)
  if (found === undefined) throw new AppError('notFound')
  return viewOf(found, owner)
}

/** Its login goes on. */
export async function endSession(scope: Scope, actor: Actor, id: string, user: string | undefined): Promise<void> {
  const owner = await hubOwner(scope, actor, user)
  const ended = await hubOf(scope, owner)?.endSession({ sessionId: id })
  if (ended !== true) throw new AppError('notFound')
  scope.logger.info('session.ended', { sessionId: id, userId: owner.userId })
}

export async function listLoginsFor(scope: Scope, actor: Identity, { user, cursor, limit }: SessionsQuery): Promise<PageOf<LoginView>> {
  const { userId } = await hubOwner(scope, actor, user)
  const rows = await listLogins(scope.db, { userId, now: scope.clock.now(), after: cursor, limit: limit + 1 })
  return pageOf(rows, { limit, cursorOf: ({ id }) => id, view: (row) => loginViewOf(row, actor) })
}

export async function endLogin(scope: Scope, actor: Actor, id: string): Promise<void> {
  const login = await findLogin(scope.db, id)
  if (login === undefined) throw new AppError('notFound')
  await hubOwner(scope, actor, login.userId)
  await endLoginsNow(scope, [id])
}

/** Touches no hub of somebody who never connected. */
export async function listRegistry(scope: Scope, actor: Actor, query: RegistryQuery): Promise<PageOf<Registration>> {
  const { user, domain, cursor, limit } = query
  if (user !== undefined) return { items: [await registrationOf(scope, await hubOwner(scope, actor, user))], next: undefined }
  const where =
    domain === undefined ? { path: await scopePath(scope, actor) } : { domainId: (await administeredDomainNamed(scope, actor, domain)).id }
  const rows = await listUsers(scope.db, { ...where, hasHub: true, after: cursor, limit: limit + 1 })
  const { items, next } = pageOf(rows, { limit, cursorOf: (row) => row.user.id, view: hubOwnerOf })
  return { items: await inTurns(items, (owner) => registrationOf(scope, owner)), next }
}

async function registrationOf(scope: Scope, owner: HubOwner): Promise<Registration> {
  const { userId, username } = owner
  const sessions = await sessionsOf(scope, owner)
  const transports = transportsOf(sessions)
  return {
    user: userId,
    username,
    uri: userUri(userId),
    reachable: transports.length > 0,
    transports,
    sessions: sessions.map((session) => viewOf(session, owner)),
  }
}

/** A push token is the right to wake a device, and is told to nobody. */
function viewOf({ sessionId, loginId, openedAt, lostAt, context, calls }: SessionDescription, { userId }: HubOwner): SessionView {
  const { pushToken, ...shown } = context
  return {
    id: sessionId,
    user: userId,
    login: loginId,
    state: lostAt === null ? 'connected' : 'resumable',
    since: openedAt,
    lost: lostAt,
    context: shown,
    push: pushToken !== undefined,
    calls: calls.map(({ roomId, enteredAt }) => ({ room: roomId, since: enteredAt })),
  }
}

function loginViewOf(row: LoginRow, { loginId }: Identity): LoginView {
  const { id, userId, kind, clientId, scope, createdAt, expiresAt, accessExpiresAt } = row
  return {
    id,
    user: userId,
    kind,
    client: clientId,
    scope,
    created: createdAt,
    expires: Math.max(expiresAt, accessExpiresAt),
    current: id === loginId,
  }
}
