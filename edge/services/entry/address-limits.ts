import { AppError } from '#shared/errors/AppError.ts'
import { hostOfKey } from '#edge/auth/host-key.ts'
import { bearerOf } from '#edge/auth/identify.ts'
import { isLoopback, networkOf } from '#edge/domain/entry/addresses.ts'
import type { RouteClass } from '#edge/domain/entry/route-class.ts'
import type { Env } from '#edge/env.ts'
import { type AddressEnv, addressOf } from './client-address.ts'

type LimitsEnv = AddressEnv & Pick<Env, 'API_LIMITER' | 'WEB_LIMITER' | 'RINGWAY_LIMIT_LOOPBACK' | 'RINGWAY_MASTER_KEY'>

/** Seconds: `period` of both limiters in wrangler.toml. */
const period = 10

/**
 * How often an address may send what (OPS-1), by the platform's own limiter: approximate, and counted where
 * the request arrives. Signaling counts like the web application and not like the API: where no WebSocket
 * can be had, each message is a request, and an office shares one address.
 *
 * A machine's own processes are not limited, and neither are media hosts by their keys: after the loss of
 * an edge, a host dials all its rooms at once.
 * @throws AppError `rateLimited`.
 */
export async function limitAddress(request: Request, env: LimitsEnv, routeClass: RouteClass): Promise<void> {
  const address = addressOf(request, env)
  if (address !== undefined && isLoopback(address) && env.RINGWAY_LIMIT_LOOPBACK !== '1') return
  if (routeClass === 'fleet' && (await isMediaHost(request, env))) return
  const limiter = routeClass === 'web' || routeClass === 'signaling' ? env.WEB_LIMITER : env.API_LIMITER
  const client = address === undefined ? 'unknown' : networkOf(address)
  const { success } = await limiter.limit({ key: `${routeClass} ${client}` })
  if (!success) throw new AppError('rateLimited', { context: { retryAfter: period } })
}

async function isMediaHost(request: Request, env: LimitsEnv): Promise<boolean> {
  const key = bearerOf(request)
  return key !== undefined && (await hostOfKey(env, key)) !== undefined
}
