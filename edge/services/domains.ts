import { AppError, type ErrorContext } from '#shared/errors/AppError.ts'
import { newId } from '#shared/ids/ids.ts'
import type { CreateDomain, DeletedDomain, DomainView, ListDomainsQuery, ReplaceDomain } from '#shared/protocol/sapi/domains.ts'
import { deleteDomains, insertDomain, updateDomain } from '#edge/db/d1/domain-changes.ts'
import {
  countReferences,
  type DomainRow,
  findDomain,
  findDomainByName,
  heightOf,
  listDomains,
  listOrigins,
  namesOf,
} from '#edge/db/d1/domains.ts'
import type { LoginSelection } from '#edge/db/d1/login-selections.ts'
import { hasOtherPlatformAdmin, hasPlatformAdminWithin } from '#edge/db/d1/users.ts'
import { type Actor, administers, isAdmin, mayHandle } from '#edge/domain/identity/access.ts'
import { pathUnder } from '#edge/domain/identity/domain-chain.ts'
import { checkOwnChange, checkPlacement } from '#edge/domain/identity/domain-rules.ts'
import type { Change } from './change.ts'
import { forgetDomainsAndUsers } from './directory.ts'
import { announceEnded } from './ended-logins.ts'
import { type PageOf, pageOf } from './page.ts'
import { refuseBroken } from './refuse-broken.ts'
import type { Scope } from './scope.ts'
import { userQuotasOf } from './user-quotas.ts'
import { administeredDomain, administeredDomainNamed, scopePath } from './visible-domains.ts'

/** DOM-1, DOM-2. */

/** Admins see all their domains, anybody else its own. */
export async function listDomainsFor(
  scope: Scope,
  actor: Actor,
  { cursor, limit, domain, parent, q }: ListDomainsQuery,
): Promise<PageOf<DomainView>> {
  const where = isAdmin(actor) ? { path: await scopePath(scope, actor) } : { id: actor.domainId }
  const parentId = parent === undefined || !isAdmin(actor) ? undefined : (await administeredDomainNamed(scope, actor, parent)).id
  const rows = await listDomains(scope.db, { ...where, name: domain, parentId, q, after: cursor, limit: limit + 1 })
  const page = pageOf(rows, { limit, cursorOf: (row) => row.id, view: (row) => row })
  return { items: await viewsOf(scope, page.items), next: page.next }
}

export async function getDomain(scope: Scope, actor: Actor, id: string): Promise<DomainView> {
  const row = await findDomain(scope.db, id)
  if (row === undefined || (row.id !== actor.domainId && !administers(actor, row.path))) throw new AppError('notFound')
  return viewOf(scope, row)
}

export async function createDomain(scope: Scope, actor: Actor, body: CreateDomain): Promise<DomainView> {
  const parent = await parentFor(scope, actor, body.parent)
  const id = newId()
  const row: DomainRow = {
    ...valuesOf(body),
    id,
    parentId: parent?.id ?? null,
    path: pathUnder(parent?.path ?? null, id),
    jurisdiction: body.jurisdiction ?? parent?.jurisdiction ?? null,
    revision: 1,
    createdAt: scope.clock.now(),
  }
  checkPlacement(row, parent)
  await refuseBroken(() => insertDomain(scope.db, { row, parent, origins: body.origins }), taking(row.name))
  forgetDomainsAndUsers()
  return viewOf(scope, row)
}

/** Logins end where their tokens would lie: in a domain that is renamed, and everywhere under one put out of use. */
export async function changeDomain(scope: Scope, actor: Actor, id: string, by: Change<DomainView, ReplaceDomain>): Promise<DomainView> {
  const from = await administeredDomain(scope, actor, id)
  const body = await by.of(await viewOf(scope, from))
  const own = actor.role === 'admin' && id === actor.domainId
  const parent = own ? await parentOf(scope, from) : await parentFor(scope, actor, body.parent)
  if (own) checkOwnChange({ row: from, parent: parent?.name ?? null }, body)
  if (body.jurisdiction !== undefined && body.jurisdiction !== from.jurisdiction) throw conflict({ immutable: 'jurisdiction' })
  if (from.name === scope.env.RINGWAY_DEFAULT_DOMAIN.toLowerCase() && (body.domain !== from.name || body.disabled))
    throw conflict({ reason: 'defaultDomain' })
  const to: DomainRow = { ...from, ...valuesOf(body), parentId: parent?.id ?? null, path: pathUnder(parent?.path ?? null, id) }
  if (parent?.path.startsWith(from.path) === true) throw conflict({ reason: 'parentIsDescendant' })
  checkPlacement(to, parent, { height: to.path === from.path ? 1 : await heightOf(scope.db, from.path) })
  if (to.disabled && !from.disabled) await keepPlatformAdmins(scope, actor, from.path)
  const ending = endingFor(from, to)
  // The users of a domain that moves count where it comes to.
  const quotas = to.path === from.path ? [] : await userQuotasOf(scope, to)
  const update = { from, to, parent, origins: body.origins, ending, quotas, now: scope.clock.now() }
  announceEnded(scope, await refuseBroken(() => updateDomain(scope.db, update), { ...taking(to.name), quotas }))
  forgetDomainsAndUsers()
  return viewOf(scope, to)
}

function endingFor(from: DomainRow, to: DomainRow): LoginSelection | undefined {
  if (to.disabled && !from.disabled) return { path: from.path }
  return to.name === from.name ? undefined : { domainId: from.id }
}

/** Without `cascade`, a domain that others refer to stays, and the answer says what refers to it. */
export async function removeDomain(
  scope: Scope,
  actor: Actor,
  id: string,
  options: { cascade: boolean; expect: (current: DomainView) => Promise<void> },
): Promise<DeletedDomain> {
  const row = await administeredDomain(scope, actor, id)
  await options.expect(await viewOf(scope, row))
  if (actor.role === 'admin' && id === actor.domainId) throw new AppError('forbidden', { context: { reason: 'ownDomain' } })
  const defaultDomain = await findDomainByName(scope.db, scope.env.RINGWAY_DEFAULT_DOMAIN)
  if (defaultDomain?.path.startsWith(row.path) === true) throw conflict({ reason: 'defaultDomain' })
  await keepPlatformAdmins(scope, actor, row.path)
  if (!options.cascade) await refuseReferenced(scope, row)
  const { ended, removed } = await refuseBroken(
    () => deleteDomains(scope.db, row, { ...options, now: scope.clock.now() }),
    taking(row.name),
  )
  announceEnded(scope, ended)
  forgetDomainsAndUsers()
  return { id, removed }
}

async function refuseReferenced(scope: Scope, row: DomainRow): Promise<void> {
  const { domains, users } = await countReferences(scope.db, row.path)
  if (domains > 0 || users > 0) throw conflict({ references: { domains, users } })
}

/** Only a platform admin takes platform admins out of use, and the deployment never loses its last one. */
async function keepPlatformAdmins(scope: Scope, actor: Actor, path: string): Promise<void> {
  if (!(await hasPlatformAdminWithin(scope.db, path))) return
  if (!mayHandle(actor, 'platform-admin')) throw new AppError('forbidden', { context: { role: 'platform-admin' } })
  if (!(await hasOtherPlatformAdmin(scope.db, { path }))) throw conflict({ reason: 'lastPlatformAdmin' })
}

/** Absent: none, for a domain admin its own domain. Only platform admins make domains without a parent. */
async function parentFor(scope: Scope, actor: Actor, name: string | null | undefined): Promise<DomainRow | undefined> {
  if (actor.role === 'platform-admin') return name === null || name === undefined ? undefined : administeredDomainNamed(scope, actor, name)
  if (name === null) throw new AppError('forbidden', { context: { parent: null } })
  return administeredDomainNamed(scope, actor, name ?? '')
}

const parentOf = async (scope: Scope, row: DomainRow): Promise<DomainRow | undefined> =>
  row.parentId === null ? undefined : findDomain(scope.db, row.parentId)

/** Its parent, users and children are part of what was decided on. */
const taking = (name: string) => ({ unique: { domain: name }, foreignKey: 'changedMeanwhile' }) as const

const conflict = (context: ErrorContext): AppError => new AppError('conflict', { context })

function valuesOf(body: CreateDomain | ReplaceDomain) {
  const { enableAnonymous, anonymousExpiration, anonymousCapabilities, capabilities, services, settings, disabled } = body
  return { name: body.domain, enableAnonymous, anonymousExpiration, anonymousCapabilities, capabilities, services, settings, disabled }
}

async function viewOf(scope: Scope, row: DomainRow): Promise<DomainView> {
  const [view] = await viewsOf(scope, [row])
  if (view === undefined) throw new TypeError('One row has one view')
  return view
}

async function viewsOf(scope: Scope, rows: readonly DomainRow[]): Promise<DomainView[]> {
  const origins = await listOrigins(
    scope.db,
    rows.map((row) => row.id),
  )
  const parents = await namesOf(
    scope.db,
    rows.map((row) => row.parentId).filter((id) => id !== null),
  )
  return rows.map((row) => {
    const { id, enableAnonymous, anonymousExpiration, anonymousCapabilities, capabilities, services, settings, jurisdiction, disabled } =
      row
    return {
      id,
      parent: row.parentId === null ? null : (parents.get(row.parentId) ?? null),
      domain: row.name,
      origins: origins.filter((origin) => origin.domainId === id).map((origin) => origin.pattern),
      enableAnonymous,
      anonymousExpiration,
      anonymousCapabilities,
      capabilities,
      services,
      settings,
      jurisdiction,
      disabled,
      created: row.createdAt,
    }
  })
}
