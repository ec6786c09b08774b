import { database } from '#edge/db/d1/database.ts'
import { findByOrigins } from '#edge/db/d1/domains.ts'
import { hostOfOrigin, patternsMatching } from '#edge/domain/identity/origin-patterns.ts'
import type { Env } from '#edge/env.ts'
import { isDeploymentOrigin, type OriginsEnv } from './entry/deployment-origins.ts'
import { TtlCache } from '#edge/TtlCache.ts'

const claimed = new TtlCache<boolean>({ capacity: 2_000 })

export function forgetOrigins(): void {
  claimed.clear()
}

/**
 * Whether pages of this origin may call the APIs at all: the deployment or some domain claims its host. A
 * preflight names no caller, so what its answer may be read by is decided once the caller is known. Tokens
 * travel in headers and never in cookies, so this keeps nobody from anything but reading answers in a browser.
 */
export async function isClaimedOrigin(env: Pick<Env, 'DB'> & OriginsEnv, origin: string): Promise<boolean> {
  const host = hostOfOrigin(origin)
  if (host === undefined) return false
  if (isDeploymentOrigin(env, host)) return true
  const kept = claimed.get(host)
  if (kept !== undefined) return kept
  const claims = await findByOrigins(database(env.DB), patternsMatching(host).slice(0, 64))
  const allowed = claims.some(({ domain }) => !domain.disabled)
  claimed.set(host, allowed, 30_000)
  return allowed
}
