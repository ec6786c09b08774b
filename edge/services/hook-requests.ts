import type { HookConfig } from '#edge/domain/webhooks/hook-config.ts'
import type { QueuedEvent } from '#edge/domain/webhooks/queued-event.ts'
import type { Env } from '#edge/env.ts'

/** What is posted for an event. */
export interface HookRequest {
  readonly url: string
  readonly body: string
}

/** Undefined: there is nothing to say. */
export async function hookRequest(
  _env: Pick<Env, 'DB' | 'RINGWAY_MASTER_KEY'>,
  config: HookConfig,
  event: QueuedEvent,
): Promise<HookRequest | undefined> {
  return { url: config.url, body: event.body }
}
