import { mediaHostName, userHubName, webhookName } from '#edge/domain/object-names.ts'
import type { RoomAddress, UserAddress } from '#edge/domain/ports.ts'
import type { Env } from '#edge/env.ts'
import type { Dispatcher } from '#edge/objects/Dispatcher.ts'
import type { Ledger } from '#edge/objects/Ledger.ts'
import type { MediaHost } from '#edge/objects/MediaHost.ts'
import type { Quota } from '#edge/objects/Quota.ts'
import type { Room } from '#edge/objects/Room.ts'
import type { UserHub } from '#edge/objects/UserHub.ts'
import type { Webhook } from '#edge/objects/Webhook.ts'
import type { Jurisdiction } from '#shared/protocol/tokens.ts'

/** Every object of the deployment, by its name. What belongs to a jurisdiction is never looked for outside it. */

export const userHub = (env: Pick<Env, 'USER_HUB'>, user: Pick<UserAddress, 'userId' | 'jurisdiction'>): DurableObjectStub<UserHub> =>
  objectNamed(env.USER_HUB, userHubName(user.userId), user)

export const room = (env: Pick<Env, 'ROOM'>, address: RoomAddress): DurableObjectStub<Room> => objectNamed(env.ROOM, address.room, address)

/** `name` as in `dispatcherName`. */
export const dispatcher = (env: Pick<Env, 'DISPATCHER'>, name: string): DurableObjectStub<Dispatcher> => objectNamed(env.DISPATCHER, name)

export const mediaHost = (env: Pick<Env, 'MEDIA_HOST'>, hostId: string): DurableObjectStub<MediaHost> =>
  objectNamed(env.MEDIA_HOST, mediaHostName(hostId))

/** `name` as in `quotaName`. */
export const quota = (env: Pick<Env, 'QUOTA'>, name: string, where: { jurisdiction?: Jurisdiction } = {}): DurableObjectStub<Quota> =>
  objectNamed(env.QUOTA, name, where)

/** `name` as in `ledgerName`. */
export const ledger = (env: Pick<Env, 'LEDGER'>, name: string, where: { jurisdiction?: Jurisdiction } = {}): DurableObjectStub<Ledger> =>
  objectNamed(env.LEDGER, name, where)

/** Lies where the endpoint's domain does. */
export const webhook = (
  env: Pick<Env, 'WEBHOOK'>,
  endpoint: { readonly endpointId: string; readonly jurisdiction: Jurisdiction | null },
): DurableObjectStub<Webhook> =>
  objectNamed(env.WEBHOOK, webhookName(endpoint.endpointId), { jurisdiction: endpoint.jurisdiction ?? undefined })

export function objectNamed<T extends Rpc.DurableObjectBranded>(
  namespace: DurableObjectNamespace<T>,
  name: string,
  where: { readonly jurisdiction?: Jurisdiction | undefined } = {},
): DurableObjectStub<T> {
  if (where.jurisdiction === undefined) return namespace.getByName(name)
  return within(namespace, where.jurisdiction).getByName(name)
}

/**
 * The open-source runtime runs on one machine, so it has no jurisdictions and says so in these words;
 * there the machine's own place is the answer. Any other failure is one: nothing may leave its jurisdiction.
 */
function within<T extends Rpc.DurableObjectBranded>(
  namespace: DurableObjectNamespace<T>,
  jurisdiction: Jurisdiction,
): DurableObjectNamespace<T> {
  try {
    return namespace.jurisdiction(jurisdiction)
  } catch (error) {
    if (error instanceof Error && error.message === 'Jurisdiction restrictions are not implemented in workerd.') return namespace
    throw error
  }
}
