import { tokenService } from '#edge/auth/tokens.ts'
import { dispatcherOf } from '#edge/domain/placement/shards.ts'
import type { Env } from '#edge/env.ts'
import { dispatcher, mediaHost } from '#edge/services/stubs.ts'
import type { FleetPorts } from './HostFleet.ts'

/** A host's ticket outlives any call; the room holds it against its current placement anyway. */
const hostTicketLifetime = 7 * 24 * 3600

/** The fleet as the room's object reaches it. */
export function fleetPorts(env: Env): FleetPorts {
  const region = env.RINGWAY_REGION ?? 'local'
  return {
    place: (request) => dispatcher(env, dispatcherOf({ region, room: request.room })).place({ ...request, region }),
    mediaHost: (hostId) => mediaHost(env, hostId),
    signHostTicket: (hostId, { room, jurisdiction }) =>
      tokenService(env).signHostTicket({
        hostId,
        room,
        ttlSeconds: hostTicketLifetime,
        ...(jurisdiction === undefined ? {} : { jurisdiction }),
      }),
  }
}
