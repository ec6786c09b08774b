import { newId } from '#shared/ids/ids.ts'
import { knownServices } from '#shared/protocol/sapi/services.ts'
import type { Operation } from '#shared/protocol/sapi/operation.ts'
import { operations } from '#shared/protocol/sapi/operations.ts'
import type { Role } from '#shared/protocol/tokens.ts'
import { tokenService } from '#edge/auth/tokens.ts'
import { adminToken, call, type Call, createDomain, createUser, env, expectJson, type Made, origin, startAnew } from '../api.ts'

/** Somebody with a token. */
export interface Party {
  readonly id: string
  readonly username: string
  readonly token: string
}

export type DomainRole = Exclude<Role, 'platform-admin'>

/** A domain with somebody of each role. */
export interface Tenant {
  readonly id: string
  readonly domain: string
  readonly parties: Readonly<Record<DomainRole, Party>>
}

/** Who there is when an operation is tried. */
export interface World {
  /** The tenant whose things are asked for. It may use every service. */
  readonly home: Tenant
  /** Another one that may do the same, and has nothing to do with the first. */
  readonly foreign: Tenant
  /** Its users can log in, and nothing else. */
  readonly bare: Tenant
  /** Every capability that some operation needs is taken from its users. */
  readonly pruned: Tenant
  readonly platformAdmin: { readonly token: string }
  /** A request by the platform's admin that must succeed: how rows make what they need. */
  make(path: string, json: unknown, options?: Call): Promise<Made>
  /** Closes it once the operation has been tried. */
  keep(resource: { close(): void }): void
  /** Closes what was kept. */
  close(): void
  /** A name that nobody has yet. */
  name(): string
  /** Another user at home, with a token that no login stands behind. */
  someone(role?: DomainRole): Promise<Party>
}

const services = Object.fromEntries(knownServices.map((name) => [name, name === 'contacts' ? ['wac'] : []]))
const capabilities = Object.values<Operation>(operations).flatMap(({ capability }) => (capability === undefined ? [] : [`-${capability}`]))

export async function createWorld(): Promise<World> {
  await startAnew()
  const [home, foreign, bare, pruned] = [
    await createTenant('home.example', { services }),
    await createTenant('foreign.example', { services }),
    await createTenant('bare.example', { services: { login: [] } }),
    await createTenant('pruned.example', { services, capabilities: [...new Set(capabilities)] }),
  ]
  let count = 0
  const kept: { close(): void }[] = []
  const name = (): string => `n${String((count += 1))}`
  return {
    ...{ home, foreign, bare, pruned, name },
    platformAdmin: { token: await adminToken() },
    keep: (resource) => void kept.push(resource),
    close: () => {
      for (const resource of kept.splice(0)) resource.close()
    },
    make: async (path, json, options = {}) => {
      const answer = await send(path, { method: 'POST', token: await adminToken(), json, ...options })
      return expectJson<Made>(answer, answer.status === 200 ? 200 : 201)
    },
    someone: (role = 'user') => createParty(home, name(), role),
  }
}

async function createTenant(domain: string, fields: Record<string, unknown>): Promise<Tenant> {
  const { id } = await createDomain(domain, { enableAnonymous: true, ...fields })
  const tenant = { id, domain }
  const party = (role: DomainRole): Promise<Party> => createParty(tenant, `some-${role}`, role)
  return { ...tenant, parties: { admin: await party('admin'), user: await party('user'), anonymous: await party('anonymous') } }
}

/** A user with a token that no login stands behind: those are slow by intention. */
async function createParty(tenant: Pick<Tenant, 'id' | 'domain'>, name: string, role: DomainRole): Promise<Party> {
  const { id } = await createUser(tenant.domain, name, { role })
  const party = { id, username: `${name}@${tenant.domain}` }
  return { ...party, token: await tokenLike(party, tenant, { role }) }
}

/** Thousands of requests are of no interest one by one. */
const quiet = { ...env, RINGWAY_LOG_LEVEL: 'error' }

/** A request as from this machine, whose requests are not counted. */
export const send = (path: string, { headers, ...options }: Call): Promise<Response> =>
  call(path, { env: quiet, ...options, headers: { 'cf-connecting-ip': '127.0.0.1', ...headers } })

/** A token as the party's own, but for what is given. */
export async function tokenLike(
  { id, username }: Omit<Party, 'token'>,
  tenant: Pick<Tenant, 'id'>,
  options: { role: Role; lifetime?: number; scope?: string[] },
): Promise<string> {
  const { role, lifetime = 600, scope } = options
  const subject = { userId: id, username, domainId: tenant.id, role, loginId: newId(), ...(scope === undefined ? {} : { scope }) }
  return (await tokenService(env).signAccessToken(subject, { issuer: origin, lifetime })).token
}
