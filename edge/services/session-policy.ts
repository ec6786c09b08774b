import { listOrigins } from '#edge/db/d1/domains.ts'
import { database } from '#edge/db/d1/database.ts'
import { findUser } from '#edge/db/d1/users.ts'
import type { CapabilityRules } from '#edge/domain/capabilities.ts'
import { isAnonymousUserId } from '#edge/domain/identity/anonymous.ts'
import { hostOfOrigin, patternsMatching } from '#edge/domain/identity/origin-patterns.ts'
import { effectiveServices } from '#edge/domain/identity/services.ts'
import { ownNode } from '#edge/domain/identity/domain-chain.ts'
import type { Identity } from '#edge/domain/identity.ts'
import { cachedChain, type DirectoryEnv } from './directory.ts'
import { isDeploymentOrigin, type OriginsEnv } from './entry/deployment-origins.ts'
import { TtlCache } from '#edge/TtlCache.ts'

const age = 30_000

const capabilities = new TtlCache<readonly string[]>({ capacity: 20_000 })
const origins = new TtlCache<ReadonlySet<string>>({ capacity: 5_000 })

export function forgetSessionPolicies(): void {
  capabilities.clear()
  origins.clear()
}

/** What rules the capabilities of a user's sessions (CAP-1), as of at most 30 s ago. */
export async function capabilityRules(env: DirectoryEnv, identity: Identity): Promise<CapabilityRules> {
  const chain = await cachedChain(env, identity.domainId)
  return {
    services: Object.keys(effectiveServices(chain.map((node) => node.services))),
    domain: chain.flatMap((node) => node.capabilities),
    user: [
      ...(identity.role === 'anonymous' ? ownNode(chain).anonymousCapabilities : []),
      ...(await capabilitiesOfUser(env, identity.userId)),
    ],
  }
}

async function capabilitiesOfUser(env: DirectoryEnv, userId: string): Promise<readonly string[]> {
  if (isAnonymousUserId(userId)) return []
  const kept = capabilities.get(userId)
  if (kept !== undefined) return kept
  // Visitors and clients have no record, and nothing of their own.
  const found = (await findUser(database(env.DB), { userId }))?.user.capabilities ?? []
  capabilities.set(userId, found, age)
  return found
}

/**
 * Whether pages of this origin may act for a domain's users: use its signaling, read what the REST API
 * answers them. The origin is the browser's word (RFC 6454 §7); programs send none and are not asked.
 */
export async function isOriginAllowed(
  env: DirectoryEnv & OriginsEnv,
  request: { origin: string; host: string; domainId: string },
): Promise<boolean> {
  const { origin, host, domainId } = request
  if (!origin.includes('://')) return false
  if (URL.parse(origin)?.host === host.toLowerCase()) return true
  const name = hostOfOrigin(origin)
  if (name === undefined) return false
  if (isDeploymentOrigin(env, name)) return true
  const allowed = await originsOf(env, domainId)
  return patternsMatching(name).some((pattern) => allowed.has(pattern))
}

async function originsOf(env: DirectoryEnv, domainId: string): Promise<ReadonlySet<string>> {
  const kept = origins.get(domainId)
  if (kept !== undefined) return kept
  const found = new Set((await listOrigins(database(env.DB), [domainId])).map(({ pattern }) => pattern))
  origins.set(domainId, found, age)
  return found
}
