import { AppError } from '#shared/errors/AppError.ts'
import { newId } from '#shared/ids/ids.ts'
import type { HostStatus } from '#shared/protocol/fleet/host-link.ts'
import { hashHostKey, hostOfKey, isEnrolmentSecret, issueHostKey } from '#edge/auth/host-key.ts'
import { tokenService, type TokensEnv } from '#edge/auth/tokens.ts'
import { dispatchersIn, regionDirectoryName } from '#edge/domain/placement/shards.ts'
import type { RoomAddress } from '#edge/domain/ports.ts'
import type { Env } from '#edge/env.ts'
import { dispatcher, mediaHost } from './stubs.ts'
import { TtlCache } from '#edge/TtlCache.ts'

type HostsEnv = Pick<Env, 'MEDIA_HOST' | 'RINGWAY_MASTER_KEY'>

/** How long an isolate remembers that a host's key is valid: a host dials a room for every call it gets. */
const rememberMs = 60_000
const genuine = new TtlCache<string>({ capacity: 4096 })

/**
 * Takes a host into the fleet and gives it the key that only it will know.
 * @throws AppError `enrolmentRefused` where the secret is not the deployment's.
 */
export async function enrolHost(
  env: HostsEnv & Pick<Env, 'RINGWAY_ENROLMENT_SECRET'>,
  host: { secret: string; region: string; name: string },
): Promise<{ hostId: string; hostKey: string }> {
  if (!(await isEnrolmentSecret(env, host.secret))) throw new AppError('enrolmentRefused')
  const hostId = newId()
  const { hostKey, keyHash } = await issueHostKey(env, hostId)
  await mediaHost(env, hostId).enrol({ hostId, keyHash, region: host.region, name: host.name })
  return { hostId, hostKey }
}

/**
 * The host that a key names and the key's hash. Whether the key is still valid is for its object to say.
 * @throws AppError `unauthenticated` for what is no key of ours.
 */
export async function readHostKey(env: HostsEnv, hostKey: string | undefined): Promise<{ hostId: string; keyHash: string }> {
  const hostId = hostKey === undefined ? undefined : await hostOfKey(env, hostKey)
  if (hostKey === undefined || hostId === undefined) throw new AppError('unauthenticated')
  return { hostId, keyHash: await hashHostKey(hostKey) }
}

/**
 * The room that a host may dial, by its key and the ticket it was given.
 * @throws AppError `unauthenticated` or `tokenExpired`, or `forbidden` for another host's ticket.
 */
export async function admitToRoom(
  env: HostsEnv & TokensEnv,
  credentials: { hostKey: string | undefined; ticket: string | undefined },
): Promise<{ hostId: string; room: RoomAddress }> {
  const { hostKey, ticket } = credentials
  if (ticket === undefined) throw new AppError('unauthenticated')
  const [hostId, claims] = await Promise.all([verifyHostKey(env, hostKey), tokenService(env).verifyHostTicket(ticket)])
  if (claims.sub !== hostId) throw new AppError('forbidden')
  const { room, jurisdiction } = claims
  return { hostId, room: { room, ...(jurisdiction === undefined ? {} : { jurisdiction }) } }
}

async function verifyHostKey(env: HostsEnv, hostKey: string | undefined): Promise<string> {
  const { hostId, keyHash } = await readHostKey(env, hostKey)
  if (genuine.get(keyHash) === hostId) return hostId
  if (!(await mediaHost(env, hostId).hasKey(keyHash))) throw new AppError('unauthenticated')
  genuine.set(keyHash, hostId, rememberMs)
  return hostId
}

/** All connected hosts of all regions. */
export async function listHosts(env: Pick<Env, 'DISPATCHER'>): Promise<HostStatus[]> {
  const regions = await dispatcher(env, regionDirectoryName).regions()
  const perRegion = await Promise.all(regions.map((region) => dispatcher(env, dispatchersIn(region)[0] ?? '').hosts()))
  return perRegion
    .flat()
    .map((report) => ({ ...report, state: report.load.draining ? ('draining' as const) : ('connected' as const) }))
    .toSorted((a, b) => a.region.localeCompare(b.region) || a.name.localeCompare(b.name) || a.hostId.localeCompare(b.hostId))
}

/** @throws AppError `hostUnknown`. */
export async function drainHost(env: Pick<Env, 'MEDIA_HOST'>, hostId: string): Promise<void> {
  if (!(await mediaHost(env, hostId).drain())) throw new AppError('hostUnknown')
}
