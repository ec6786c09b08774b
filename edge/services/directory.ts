import { AppError } from '#shared/errors/AppError.ts'
import { type SettingsLayer, settingsLayerSchema } from '#shared/protocol/settings.ts'
import { database } from '#edge/db/d1/database.ts'
import { chainOf, type DomainRow, findChain } from '#edge/db/d1/domains.ts'
import { findUser, markHub, type UserInDomain, type UserKey } from '#edge/db/d1/users.ts'
import { isAnonymousUserId } from '#edge/domain/identity/anonymous.ts'
import { type DomainChain, isDisabled, ownNode } from '#edge/domain/identity/domain-chain.ts'
import { effectiveServices } from '#edge/domain/identity/services.ts'
import { parseUserTarget } from '#edge/domain/identity/user-target.ts'
import type { DirectoryPort, DomainPolicy, UserAddress } from '#edge/domain/ports.ts'
import { resolveSettings } from '#edge/domain/settings.ts'
import type { Env } from '#edge/env.ts'
import { TtlCache } from '#edge/TtlCache.ts'

export type DirectoryEnv = Pick<Env, 'DB' | 'RINGWAY_SETTINGS'>

export interface Directory extends DirectoryPort {
  /** Notes that the user's hub exists, so that others may touch it from now on. Costs a write once per user. */
  markHubCreated(userId: string): Promise<void>
}

export type FoundUser = UserAddress & { readonly hasHub: boolean }

const positive = 30_000
/** A user that was just created, or has just connected for the first time, is found after at most this long. */
const negative = 1_500

const users = new TtlCache<{ found: FoundUser | undefined }>({ capacity: 20_000 })
const chains = new TtlCache<DomainChain<DomainRow>>({ capacity: 5_000 })
const marked = new TtlCache<true>({ capacity: 20_000 })

export function forgetDirectory(): void {
  users.clear()
  chains.clear()
  marked.clear()
}

/** Drops what this isolate knows of domains and users, after one of them was changed here. */
export function forgetDomainsAndUsers(): void {
  users.clear()
  chains.clear()
}

/** Users and domains as of at most 30 s ago. */
export function directory(env: DirectoryEnv): Directory {
  return {
    async findUser(target, from) {
      const parsed = parseUserTarget(target)
      if (parsed === undefined) return undefined
      if (parsed.kind === 'id') return cachedUser(env, `id:${parsed.userId}`, { userId: parsed.userId })
      const { username } = parsed
      if (parsed.kind === 'own') return cachedUser(env, `own:${from.domainId}:${username}`, { username, domainId: from.domainId })
      return cachedUser(env, `name:${username}@${parsed.domain}`, { username, domain: parsed.domain })
    },

    policyOf: async (domainId) => policyFrom(await cachedChain(env, domainId), deploymentSettings(env)),

    async markHubCreated(userId) {
      if (marked.get(userId) !== undefined) return
      await markHub(database(env.DB), { userId, anonymous: isAnonymousUserId(userId) })
      marked.set(userId, true, 3600_000)
      users.deleteWhere(({ found }) => found?.userId === userId)
    },
  }
}

/** The domain with its ancestors, as of at most 30 s ago. @throws AppError `notFound`. */
export async function cachedChain(env: DirectoryEnv, domainId: string): Promise<DomainChain<DomainRow>> {
  const kept = chains.get(domainId)
  if (kept !== undefined) return kept
  const chain = await findChain(database(env.DB), domainId)
  if (chain === undefined) throw new AppError('notFound')
  chains.set(domainId, chain, positive)
  return chain
}

/** What the domain's own record and its ancestors' amount to. A domain out of use has no services. */
export function policyFrom(chain: DomainChain<DomainRow>, deployment: SettingsLayer): DomainPolicy {
  const own = ownNode(chain)
  return {
    domainId: own.id,
    name: own.name,
    settings: resolveSettings({ deployment, chain: chain.map((node) => node.settings) }),
    services: isDisabled(chain) ? [] : Object.keys(effectiveServices(chain.map((node) => node.services))),
    ...(own.jurisdiction === null ? {} : { jurisdiction: own.jurisdiction }),
  }
}

const parsedSettings = new Map<string, SettingsLayer>()

export function deploymentSettings(env: Pick<Env, 'RINGWAY_SETTINGS'>): SettingsLayer {
  const text = env.RINGWAY_SETTINGS ?? '{}'
  const kept = parsedSettings.get(text)
  if (kept !== undefined) return kept
  try {
    const settings = settingsLayerSchema.parse(JSON.parse(text))
    parsedSettings.set(text, settings)
    return settings
  } catch (cause) {
    throw new AppError('unavailable', { cause: new Error('RINGWAY_SETTINGS is not a settings layer in JSON', { cause }) })
  }
}

async function cachedUser(env: DirectoryEnv, cacheKey: string, key: UserKey): Promise<FoundUser | undefined> {
  const kept = users.get(cacheKey)
  if (kept !== undefined) return kept.found
  const db = database(env.DB)
  const row = await findUser(db, key)
  const usable = row !== undefined && !row.user.disabled && !isDisabled(await cachedChainOf(env, row.domain))
  const found = usable ? addressOf(row) : undefined
  users.set(cacheKey, { found }, found?.hasHub === true ? positive : negative)
  return found
}

async function cachedChainOf(env: DirectoryEnv, domain: DomainRow): Promise<DomainChain<DomainRow>> {
  const kept = chains.get(domain.id)
  if (kept !== undefined) return kept
  const chain = await chainOf(database(env.DB), domain)
  chains.set(domain.id, chain, positive)
  return chain
}

export function addressOf({ user, domain }: UserInDomain): FoundUser {
  return {
    userId: user.id,
    domainId: domain.id,
    username: `${user.username}@${domain.name}`,
    ...(user.alias === '' ? {} : { displayName: user.alias }),
    ...(domain.jurisdiction === null ? {} : { jurisdiction: domain.jurisdiction }),
    hasHub: user.hasHub,
  }
}
