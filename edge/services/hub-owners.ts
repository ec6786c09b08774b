import { AppError } from '#shared/errors/AppError.ts'
import { type Role, roleSchema } from '#shared/protocol/tokens.ts'
import { findCredential } from '#edge/db/d1/credentials.ts'
import type { DomainRow } from '#edge/db/d1/domains.ts'
import { findUser, type UserInDomain } from '#edge/db/d1/users.ts'
import { findVisitor } from '#edge/db/d1/user-logins.ts'
import { type Actor, administers, isAdmin, mayHandle } from '#edge/domain/identity/access.ts'
import { anonymousUsername, clientUsername } from '#edge/domain/identity/anonymous.ts'
import type { SessionDescription } from '#edge/domain/hub/views.ts'
import type { UserAddress } from '#edge/domain/ports.ts'
import type { UserHub } from '#edge/objects/UserHub.ts'
import type { Scope } from './scope.ts'
import { userHub } from './stubs.ts'

/** Whoever may have a hub: a user, or a visitor or client, of whom there are only logins. */
export interface HubOwner {
  readonly userId: string
  readonly domain: DomainRow
  /** `username@domain`. */
  readonly username: string
  readonly role: Role
  /** False: never connected, so the hub must not be touched. */
  readonly hasHub: boolean
}

/** The caller itself, or with `userId` somebody that it administers. @throws AppError `notFound`, `forbidden` above its role. */
export async function hubOwner(scope: Scope, actor: Actor, userId: string = actor.userId): Promise<HubOwner> {
  const owner = await findHubOwner(scope, userId)
  if (owner === undefined) throw new AppError('notFound')
  if (userId === actor.userId) return owner
  if (!isAdmin(actor) || !administers(actor, owner.domain.path)) throw new AppError('notFound')
  if (!mayHandle(actor, owner.role)) throw new AppError('forbidden', { context: { role: owner.role } })
  return owner
}

async function findHubOwner(scope: Scope, userId: string): Promise<HubOwner | undefined> {
  const user = await findUser(scope.db, { userId })
  if (user !== undefined) return hubOwnerOf(user)
  const visitor = await findVisitor(scope.db, userId)
  if (visitor === undefined) return undefined
  const { login, domain } = visitor
  const found = { userId, domain, hasHub: login.hasHub }
  if (login.kind !== 'client') return { ...found, username: anonymousUsername(userId, domain.name), role: 'anonymous' }
  const credentialId = login.credentialId ?? ''
  const client = await findCredential(scope.db, credentialId)
  return {
    ...found,
    username: clientUsername(credentialId, domain.name),
    role: roleSchema.parse(client?.credential.data['role'] ?? 'user'),
  }
}

export const hubOwnerOf = ({ user, domain }: UserInDomain): HubOwner => ({
  userId: user.id,
  domain,
  username: `${user.username}@${domain.name}`,
  role: user.role,
  hasHub: user.hasHub,
})

/** What it takes to reach a hub. */
type HubAddress = Pick<UserAddress, 'userId' | 'jurisdiction'> & Pick<HubOwner, 'hasHub'>

const addressOf = ({ userId, domain: { jurisdiction }, hasHub }: HubOwner): HubAddress => ({
  userId,
  hasHub,
  ...(jurisdiction === null ? {} : { jurisdiction }),
})

/** The hub of somebody who has one. */
export const hubOf = (scope: Scope, owner: HubOwner): DurableObjectStub<UserHub> | undefined => hubAt(scope, addressOf(owner))

const hubAt = (scope: Scope, address: HubAddress) => (address.hasHub ? userHub(scope.env, address) : undefined)

/** Sessions of somebody who has a hub; of others there are none. */
export const sessionsOf = (scope: Scope, owner: HubOwner): Promise<SessionDescription[]> => sessionsAt(scope, addressOf(owner))

export const sessionsAt = async (scope: Scope, address: HubAddress): Promise<SessionDescription[]> =>
  (await hubAt(scope, address)?.describe()) ?? []
