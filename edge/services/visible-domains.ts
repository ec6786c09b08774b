import { AppError } from '#shared/errors/AppError.ts'
import { type DomainRow, findDomain, findDomainByName } from '#edge/db/d1/domains.ts'
import { type Actor, administers } from '#edge/domain/identity/access.ts'
import type { Scope } from './scope.ts'

/** What lies outside an admin's domains answers exactly like what does not exist. */

/** Path of the actor's domain: the root of what a domain admin administers. Undefined: a platform admin, everything. */
export async function scopePath(scope: Scope, actor: Actor): Promise<string | undefined> {
  if (actor.role === 'platform-admin') return undefined
  return (await ownDomain(scope, actor)).path
}

export async function ownDomain(scope: Scope, actor: Actor): Promise<DomainRow> {
  const domain = await findDomain(scope.db, actor.domainId)
  if (domain === undefined) throw new AppError('notFound')
  return domain
}

/** The domain that a query asks about: the actor's own unless it names one. @throws AppError `notFound`. */
export const askedDomain = (scope: Scope, actor: Actor, name: string | undefined): Promise<DomainRow> =>
  name === undefined ? ownDomain(scope, actor) : administeredDomainNamed(scope, actor, name)

/** @throws AppError `notFound`. */
export async function administeredDomain(scope: Scope, actor: Actor, id: string): Promise<DomainRow> {
  const domain = await findDomain(scope.db, id)
  if (domain === undefined || !administers(actor, domain.path)) throw new AppError('notFound')
  return domain
}

/** The domain that a body names. Empty: the actor's own, for a platform admin the default one. @throws AppError `notFound`. */
export async function administeredDomainNamed(scope: Scope, actor: Actor, name: string): Promise<DomainRow> {
  if (name === '' && actor.role !== 'platform-admin') return ownDomain(scope, actor)
  const domain = await findDomainByName(scope.db, name === '' ? scope.env.RINGWAY_DEFAULT_DOMAIN : name)
  if (domain === undefined || !administers(actor, domain.path)) throw new AppError('notFound', { context: { domain: name } })
  return domain
}
