import { AppError } from '#shared/errors/AppError.ts'
import { newId } from '#shared/ids/ids.ts'
import type { CreateOAuthIdentity, ListOAuthIdentitiesQuery, OAuthIdentityView } from '#shared/protocol/sapi/oauth-identities.ts'
import { brokenConstraint } from '#edge/db/d1/constraints.ts'
import { chainOf } from '#edge/db/d1/domains.ts'
import {
  deleteIdentity,
  findLinkedIdentity,
  insertIdentity,
  type LinkedIdentity,
  listLinkedIdentities,
  type OAuthIdentityRow,
} from '#edge/db/d1/linked-identities.ts'
import { type Actor, administers, mayHandle } from '#edge/domain/identity/access.ts'
import { announceEnded } from '../ended-logins.ts'
import { type PageOf, pageOf } from '../page.ts'
import type { Scope } from '../scope.ts'
import { administeredUser } from '../users.ts'
import { scopePath } from '../visible-domains.ts'
import { deploymentKey, type Provider, providerOn } from './providers.ts'

/** `/sapi/oauthIdentities` (AUTH-2). */

export async function listIdentitiesFor(scope: Scope, actor: Actor, query: ListOAuthIdentitiesQuery): Promise<PageOf<OAuthIdentityView>> {
  const where =
    query.user === undefined
      ? { path: await scopePath(scope, actor) }
      : { userId: (await administeredUser(scope, actor, query.user)).user.id }
  const rows = await listLinkedIdentities(scope.db, { ...where, after: query.cursor, limit: query.limit + 1 })
  return pageOf(rows, { limit: query.limit, cursorOf: ({ identity }) => identity.id, view: viewOf })
}

export async function getIdentity(scope: Scope, actor: Actor, id: string): Promise<OAuthIdentityView> {
  return viewOf(await administeredIdentity(scope, actor, id))
}

/**
 * Who administers a provider says whom its word stands for: any other admin could have somebody of another
 * domain, who signs in at the same provider, come into an account of its own.
 */
export async function createIdentity(scope: Scope, actor: Actor, body: CreateOAuthIdentity): Promise<OAuthIdentityView> {
  const { user, domain } = await administeredUser(scope, actor, body.user)
  const provider = await providerOn(scope, await chainOf(scope.db, domain), body.provider)
  if (!mayVouch(actor, provider)) throw new AppError('forbidden')
  // Such a link would be of no use (accounts.ts).
  if (provider.path !== undefined && user.role === 'platform-admin') throw new AppError('forbidden', { context: { role: user.role } })
  const identity: OAuthIdentityRow = {
    id: newId(),
    provider: provider.key,
    issuer: body.issuer ?? provider.issuer,
    subject: body.subject,
    userId: user.id,
    createdAt: scope.clock.now(),
  }
  try {
    await insertIdentity(scope.db, identity)
  } catch (thrown) {
    if (brokenConstraint(thrown) === 'unique') throw new AppError('conflict', { context: { subject: body.subject }, cause: thrown })
    // The user was removed meanwhile.
    if (brokenConstraint(thrown) === 'foreignKey') throw new AppError('notFound', { cause: thrown })
    throw thrown
  }
  return viewOf({ identity, providerName: provider.name, user, domain })
}

const mayVouch = (actor: Actor, { path }: Provider): boolean =>
  path === undefined ? actor.role === 'platform-admin' : administers(actor, path)

export async function removeIdentity(
  scope: Scope,
  actor: Actor,
  id: string,
  expect: (current: OAuthIdentityView) => Promise<void>,
): Promise<void> {
  const found = await administeredIdentity(scope, actor, id)
  await expect(viewOf(found))
  announceEnded(scope, await deleteIdentity(scope.db, found.identity, scope.clock.now()))
}

/** @throws AppError `notFound` outside the actor's domains, `forbidden` above its role. */
async function administeredIdentity(scope: Scope, actor: Actor, id: string): Promise<LinkedIdentity> {
  const found = await findLinkedIdentity(scope.db, id)
  if (found === undefined || !administers(actor, found.domain.path)) throw new AppError('notFound')
  if (!mayHandle(actor, found.user.role)) throw new AppError('forbidden', { context: { role: found.user.role } })
  return found
}

function viewOf({ identity, providerName }: LinkedIdentity): OAuthIdentityView {
  const { id, userId: user, provider, issuer, subject, createdAt: created } = identity
  return { id, user, provider: providerName ?? provider.slice(deploymentKey('').length), issuer, subject, created }
}
