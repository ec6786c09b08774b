import { sipMappingBox } from './sip-mapping-box.ts'
import { database } from '#edge/db/d1/database.ts'
import { findSipMappingOf } from '#edge/db/d1/sip-mappings.ts'
import type { HookConfig } from '#edge/domain/webhooks/hook-config.ts'
import type { QueuedEvent } from '#edge/domain/webhooks/queued-event.ts'
import type { Env } from '#edge/env.ts'
import { type EventType, eventCatalogue, hookEventSchema } from '#shared/protocol/sapi/events.ts'

/** What is posted for an event. */
export interface HookRequest {
  readonly url: string
  readonly body: string
}

/** Undefined: there is nothing to say. */
export async function hookRequest(
  env: Pick<Env, 'DB' | 'RINGWAY_MASTER_KEY'>,
  config: HookConfig,
  { event, now }: { event: QueuedEvent; now: number },
): Promise<HookRequest | undefined> {
  const action = config.kind === 'sipRegistrar' ? registrations[event.type] : undefined
  return action === undefined ? { url: config.url, body: event.body } : registration(env, config, { event, action, now })
}

/** What a user's first login and last logout ask of a SIP server (KamasSessionHooks of the original). */
const registrations: Partial<Record<EventType, 'register' | 'unregister'>> = { 'user.online': 'register', 'user.offline': 'unregister' }

/**
 * `POST <base>/register` or `/unregister` with the user's SIP identity (SIPMAP-1). A user without one is
 * nobody to the SIP server.
 */
async function registration(
  env: Pick<Env, 'DB' | 'RINGWAY_MASTER_KEY'>,
  config: HookConfig,
  { event, action, now }: { event: QueuedEvent; action: 'register' | 'unregister'; now: number },
): Promise<HookRequest | undefined> {
  const { id, timestamp, data } = hookEventSchema.parse(JSON.parse(event.body))
  const { userId } = eventCatalogue['user.online'].data.parse(data)
  // As things stand now: the user may have moved to another tenant since, with an identity that is none of this endpoint's business.
  const found = await findSipMappingOf(database(env.DB), { userId }, now)
  if (found === undefined || !found.domain.path.startsWith(config.domainPath)) return undefined
  const { username, sealedPassword } = found.mapping
  const box = await sipMappingBox(env)
  const password = sealedPassword === null ? {} : { password: await box.open(sealedPassword, found.mapping.id) }
  const base = config.url.endsWith('/') ? config.url : `${config.url}/`
  return { url: new URL(action, base).href, body: JSON.stringify({ id, action, timestamp, credential: { username, ...password } }) }
}
