import type { ErrorCode } from '#shared/errors/codes.ts'
import type { Operation } from '#shared/protocol/sapi/operation.ts'
import type { Role } from '#shared/protocol/tokens.ts'
import type { Row, Sent } from './row.ts'
import { type DomainRole, tokenLike, type World } from './world.ts'

/** One caller's attempt, and how it must be refused. */
export interface Trial {
  readonly who: string
  readonly token: string | undefined
  readonly refusal: ErrorCode
}

const ranks: readonly DomainRole[] = ['anonymous', 'user', 'admin']

/** Whoever may not do it, for reasons that need no look at what is asked for. */
export async function refusedTrials(world: World, { operation, row }: { operation: Operation; row: Row }): Promise<readonly Trial[]> {
  const { home, bare, pruned } = world
  const { access, service, capability } = operation
  const role = callerOf(operation, row)
  const party = home.parties[memberRole(role)]
  const trial = (who: string, token: string | undefined, refusal: ErrorCode): Trial => ({ who, token, refusal })
  const lesser = access === 'platform-admin' ? ranks : ranks.slice(0, ranks.indexOf(access))
  return [
    trial('nobody', undefined, 'unauthenticated'),
    trial('somebody with another text', 'no.token.atall', 'unauthenticated'),
    trial('an expired token', await tokenLike(party, home, { role, lifetime: -10 }), 'tokenExpired'),
    trial('a token of another API', await tokenLike(party, home, { role, scope: ['openid', 'wapi'] }), 'insufficientScope'),
    ...lesser.map((lower) => trial(`a lesser role: ${lower}`, home.parties[lower].token, 'forbidden')),
    ...(service === undefined ? [] : [trial(`a domain without ${service}`, bare.parties[memberRole(role)].token, 'serviceNotEnabled')]),
    ...(capability === undefined ? [] : [trial(`a domain without ${capability}`, pruned.parties[memberRole(role)].token, 'forbidden')]),
  ]
}

export const callerOf = ({ access }: Operation, { caller }: Row): Role => caller ?? access

/** Domains have no platform admin of their own; their admins are who comes closest. */
export const memberRole = (role: Role): DomainRole => (role === 'platform-admin' ? 'admin' : role)

export function rightfulToken(world: World, operation: Operation, row: Row, sent: Sent): string {
  const role = callerOf(operation, row)
  return sent.token ?? (role === 'platform-admin' ? world.platformAdmin.token : world.home.parties[role].token)
}

const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g

/** The same request about things that never were, and what stands there for what. Undefined: it names nothing of its own. */
export function aboutNothing(sent: Sent, world: World): { sent: Sent; names: ReadonlyMap<string, string> } | undefined {
  const { token: _, ...parts } = sent
  const text = JSON.stringify(parts)
  const named = [...new Set([...(text.match(uuid) ?? []), ...(text.includes(world.home.domain) ? [world.home.domain] : [])])]
  if (named.length === 0) return undefined
  const names = new Map(named.map((name) => [name, name === world.home.domain ? 'nowhere.example' : crypto.randomUUID()]))
  return { sent: JSON.parse(renamed(text, names)), names }
}

export const renamed = (text: string, names: ReadonlyMap<string, string>): string =>
  [...names].reduce((result, [name, other]) => result.replaceAll(name, other), text)
