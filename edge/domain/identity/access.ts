import type { Role } from '#shared/protocol/tokens.ts'
import type { Identity } from '#edge/domain/identity.ts'
import { idsInPath } from './domain-chain.ts'

/** Who may administer what (USER-2, DOM-2). */

export type Actor = Pick<Identity, 'userId' | 'domainId' | 'role'>

/** From the least to the most. */
const ranks: readonly Role[] = ['anonymous', 'user', 'admin', 'platform-admin']

/** Whether the actor has at least this role. */
export const hasRole = (actor: Pick<Actor, 'role'>, least: Role): boolean => ranks.indexOf(actor.role) >= ranks.indexOf(least)

export const isAdmin = (actor: Actor): boolean => actor.role === 'platform-admin' || actor.role === 'admin'

/** Platform admins administer every domain, domain admins their own and those under it. `path` is the domain's. */
export const administers = (actor: Actor, path: string): boolean =>
  actor.role === 'platform-admin' || (actor.role === 'admin' && idsInPath(path).includes(actor.domainId))

/** Nobody hands out or touches more than they have: only a platform admin makes, changes or removes one. */
export const mayHandle = (actor: Actor, role: Role): boolean => role !== 'platform-admin' || actor.role === 'platform-admin'
