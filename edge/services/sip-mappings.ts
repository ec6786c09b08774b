import { sipMappingBox } from './sip-mapping-box.ts'
import { AppError } from '#shared/errors/AppError.ts'
import { newId } from '#shared/ids/ids.ts'
import type {
  CreateSipMapping,
  ListSipMappingsQuery,
  OwnSipIdentity,
  ReplaceNamedSipMapping,
  ReplaceSipMapping,
  SipMappingView,
} from '#shared/protocol/sapi/sip-mappings.ts'
import {
  deleteSipMapping,
  findOwnerOf,
  findSipMapping,
  findSipMappingOf,
  insertSipMapping,
  listSipMappings,
  type SipMappingInDomain,
  type SipMappingRow,
  updateSipMapping,
} from '#edge/db/d1/sip-mappings.ts'
import { type Actor, administers } from '#edge/domain/identity/access.ts'
import { isAnonymousUserId } from '#edge/domain/identity/anonymous.ts'
import type { Identity } from '#edge/domain/identity.ts'
import { dynamicSipIdentity } from '#edge/domain/sip/dynamic-identity.ts'
import { ownerOf, ownerUriOf } from '#edge/domain/sip/owner.ts'
import { sipUserKey } from '#edge/domain/sip/sip-user.ts'
import type { Change } from './change.ts'
import { directory } from './directory.ts'
import { type PageOf, pageOf } from './page.ts'
import { refuseBroken } from './refuse-broken.ts'
import type { Scope } from './scope.ts'
import { administeredOwner } from './sip-owners.ts'
import { administeredDomainNamed, scopePath } from './visible-domains.ts'

/** SIPMAP-1: SIP identities of users and groups. */

export async function listSipMappingsFor(scope: Scope, actor: Actor, query: ListSipMappingsQuery): Promise<PageOf<SipMappingView>> {
  const { ownerUri, domain, username, cursor, limit } = query
  const where =
    domain === undefined ? { path: await scopePath(scope, actor) } : { domainId: (await administeredDomainNamed(scope, actor, domain)).id }
  const rows = await listSipMappings(scope.db, {
    ...where,
    owner: ownerUri === undefined ? undefined : ownerOf(ownerUri),
    userKey: username === undefined ? undefined : sipUserKey(username),
    after: cursor,
    limit: limit + 1,
  })
  return pageOf(rows, { limit, cursorOf: ({ mapping }) => mapping.id, view: viewOf })
}

export async function getSipMapping(scope: Scope, actor: Actor, id: string): Promise<SipMappingView> {
  return viewOf(await administeredMapping(scope, actor, id))
}

export async function createSipMapping(scope: Scope, actor: Actor, body: CreateSipMapping): Promise<SipMappingView> {
  return viewOf(await addSipMapping(scope, actor, { ...body, context: {}, lease: 0 }))
}

/** @throws AppError `notFound` where the actor has no such user or group, `conflict` where it or the user name has a mapping. */
export async function addSipMapping(
  scope: Scope,
  actor: Actor,
  { ownerUri, credential, context, lease }: CreateSipMapping & Pick<SipMappingRow, 'context' | 'lease'>,
): Promise<SipMappingInDomain> {
  const { owner, domain } = await administeredOwner(scope, actor, ownerUri)
  const now = scope.clock.now()
  const id = newId()
  const mapping: SipMappingRow = {
    id,
    domainId: domain.id,
    ...owner,
    ...(await secretOf(scope, id, credential)),
    context,
    lease,
    expiresAt: lease === 0 ? null : now + lease * 1000,
    revision: 1,
    createdAt: now,
  }
  await refuseBroken(() => insertSipMapping(scope.db, mapping), { unique: { reason: 'mapped' } })
  scope.logger.info('sipMapping.created', { id, ownerUri })
  return { mapping, domain }
}

/** Changes the owner, the identity or both. */
export async function changeSipMapping(
  scope: Scope,
  actor: Actor,
  { mapping }: SipMappingInDomain,
  { ownerUri, credential, ...meta }: ReplaceSipMapping & Partial<Pick<SipMappingRow, 'context' | 'lease' | 'expiresAt'>>,
): Promise<SipMappingInDomain> {
  const { owner, domain } = await administeredOwner(scope, actor, ownerUri)
  const { context, lease, expiresAt } = { ...mapping, ...meta }
  const secret = await secretOf(scope, mapping.id, credential, mapping.sealedPassword)
  const change = { domainId: domain.id, ...owner, ...secret, context, lease, expiresAt }
  await refuseBroken(() => updateSipMapping(scope.db, mapping, change, scope.clock.now()), { unique: { reason: 'mapped' } })
  scope.logger.info('sipMapping.updated', { id: mapping.id, ownerUri })
  return { mapping: { ...mapping, ...change }, domain }
}

export async function replaceSipMapping(
  scope: Scope,
  actor: Actor,
  id: string,
  by: Change<SipMappingView, ReplaceSipMapping>,
): Promise<SipMappingView> {
  const before = await administeredMapping(scope, actor, id)
  return viewOf(await changeSipMapping(scope, actor, before, await by.of(viewOf(before))))
}

/** The mapping is the one of the id, of the owner, or of the user name: the first that the body names and there is. */
export async function replaceNamedSipMapping(
  scope: Scope,
  actor: Actor,
  named: ReplaceNamedSipMapping,
  by: Change<SipMappingView, ReplaceSipMapping>,
): Promise<SipMappingView> {
  if (named.id !== undefined) return replaceSipMapping(scope, actor, named.id, by)
  const { owner, domain } = await administeredOwner(scope, actor, named.ownerUri)
  const now = scope.clock.now()
  const before =
    (await findSipMappingOf(scope.db, ownerOf(ownerUriOf(owner)), now)) ??
    (await findOwnerOf(scope.db, { domainId: domain.id, sipUser: named.credential.username }, now))
  if (before === undefined) throw new AppError('notFound')
  return viewOf(await changeSipMapping(scope, actor, before, await by.of(viewOf(before))))
}

export async function removeSipMapping(
  scope: Scope,
  actor: Actor,
  id: string,
  expect: (current: SipMappingView) => Promise<void>,
): Promise<void> {
  const found = await administeredMapping(scope, actor, id)
  await expect(viewOf(found))
  await deleteSipMapping(scope.db, found.mapping, scope.clock.now())
  scope.logger.info('sipMapping.deleted', { id })
}

export async function removeSipMappingOf(
  scope: Scope,
  actor: Actor,
  ownerUri: string,
  expect: (current: SipMappingView) => Promise<void>,
): Promise<void> {
  const found = await findSipMappingOf(scope.db, ownerOf(ownerUri), scope.clock.now())
  if (found === undefined) throw new AppError('notFound')
  await removeSipMapping(scope, actor, found.mapping.id, expect)
}

/** Who the caller is in the SIP network. */
export async function ownSipIdentity(scope: Scope, { userId, domainId }: Identity): Promise<OwnSipIdentity> {
  if (isAnonymousUserId(userId)) {
    const { settings } = await directory(scope.env).policyOf(domainId)
    return { identity: dynamicSipIdentity(userId, settings.sip) }
  }
  const found = await findSipMappingOf(scope.db, { userId }, scope.clock.now())
  return { identity: found?.mapping.username ?? null }
}

/** @throws AppError `notFound` outside the actor's domains. */
async function administeredMapping(scope: Scope, actor: Actor, id: string): Promise<SipMappingInDomain> {
  const found = await findSipMapping(scope.db, id)
  if (found === undefined || !administers(actor, found.domain.path)) throw new AppError('notFound')
  return found
}

function viewOf({ mapping, domain }: SipMappingInDomain): SipMappingView {
  const { id, username, createdAt } = mapping
  return { id, ownerUri: ownerUriOf(mapping), domain: domain.name, credential: { username }, created: createdAt }
}

/** A password that is left out stays what it was; an empty one is none. */
async function secretOf(
  { env }: Scope,
  id: string,
  { username, password }: ReplaceSipMapping['credential'],
  before: string | null = null,
): Promise<Pick<SipMappingRow, 'username' | 'userKey' | 'sealedPassword'>> {
  const box = await sipMappingBox(env)
  const sealed = password === undefined ? before : password === '' ? null : await box.seal(password, id)
  return { username, userKey: sipUserKey(username), sealedPassword: sealed }
}
