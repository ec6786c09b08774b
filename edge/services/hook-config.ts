import { secretBox, type SecretBox } from '#edge/auth/secret-box.ts'
import { database } from '#edge/db/d1/database.ts'
import { chainOf } from '#edge/db/d1/domains.ts'
import { findWebhook, type WebhookRow } from '#edge/db/d1/webhooks.ts'
import { isDisabled } from '#edge/domain/identity/domain-chain.ts'
import type { HookConfig } from '#edge/domain/webhooks/hook-config.ts'
import type { Env } from '#edge/env.ts'

/** Seals the secrets that webhooks are signed with. */
export const webhookSecrets = (env: Pick<Env, 'RINGWAY_MASTER_KEY'>): Promise<SecretBox> =>
  secretBox(env.RINGWAY_MASTER_KEY, 'webhook secrets')

/** Under which name a secret is sealed, so that one cannot pass for another endpoint's. */
export const secretNameOf = (endpointId: string): string => `webhook ${endpointId}`

/** An endpoint as it is configured now, secrets opened; undefined where it was deleted. */
export async function loadHookConfig(
  env: Pick<Env, 'DB' | 'RINGWAY_MASTER_KEY'>,
  endpointId: string,
  now: number,
): Promise<HookConfig | undefined> {
  const db = database(env.DB)
  const found = await findWebhook(db, endpointId)
  if (found === undefined) return undefined
  const { webhook, domain } = found
  const box = await webhookSecrets(env)
  const secrets = await Promise.all(sealedSecrets(webhook, now).map((sealed) => box.open(sealed, secretNameOf(endpointId))))
  // What a domain that is out of use has noted waits until it is in use again.
  const enabled = webhook.enabled && !isDisabled(await chainOf(db, domain))
  return { endpointId, domainId: domain.id, domainPath: domain.path, kind: webhook.kind, url: webhook.url, enabled, secrets }
}

/** The one in use first, then the one before it while it counts. */
const sealedSecrets = ({ secret, previousSecret, previousUntil }: WebhookRow, now: number): string[] =>
  previousSecret === null || previousUntil === null || previousUntil <= now ? [secret] : [secret, previousSecret]
