import { AppError } from '#shared/errors/AppError.ts'
import { newId } from '#shared/ids/ids.ts'
import type { PageQuery } from '#shared/protocol/sapi/paging.ts'
import { eventTypeSchema } from '#shared/protocol/sapi/events.ts'
import type { CreatedWebhook, CreateWebhook, HookView, ReplaceWebhook, RotatedSecret, WebhookView } from '#shared/protocol/sapi/webhooks.ts'
import { newWebhookSecret } from '#edge/auth/webhook-signature.ts'
import {
  countWebhooks,
  deleteWebhook,
  findWebhook,
  insertWebhook,
  listWebhooks,
  updateWebhook,
  type WebhookInDomain,
  type WebhookRow,
} from '#edge/db/d1/webhooks.ts'
import { type Actor, administers } from '#edge/domain/identity/access.ts'
import { outgoingUrl } from '#edge/domain/outgoing-urls.ts'
import type { Change } from './change.ts'
import { secretNameOf, webhookSecrets } from './hook-config.ts'
import { forgetHookTargets } from './hook-targets.ts'
import { type PageOf, pageOf } from './page.ts'
import { refuseBroken } from './refuse-broken.ts'
import type { Scope } from './scope.ts'
import { webhook as objectOf } from './stubs.ts'
import { administeredDomainNamed, scopePath } from './visible-domains.ts'

/** HOOK-1: endpoints. What was sent to them is in webhook-log.ts. */

/** Of one domain: each event is handed to all of them, and to those of the domains above, at once. */
const mostWebhooks = 20

export async function listWebhooksFor(scope: Scope, actor: Actor, query: PageQuery): Promise<PageOf<WebhookView>> {
  const rows = await listWebhooks(scope.db, { path: await scopePath(scope, actor), after: query.cursor, limit: query.limit + 1 })
  return pageOf(rows, { limit: query.limit, cursorOf: ({ webhook }) => webhook.id, view: viewOf })
}

/** As the original lists them: those in use. */
export async function listHooksFor(scope: Scope, actor: Actor, query: PageQuery): Promise<PageOf<HookView>> {
  const path = await scopePath(scope, actor)
  const rows = await listWebhooks(scope.db, { path, onlyEnabled: true, after: query.cursor, limit: query.limit + 1 })
  return pageOf(rows, {
    limit: query.limit,
    cursorOf: ({ webhook }) => webhook.id,
    view: ({ webhook: { id, kind, url }, domain }) => ({
      id,
      name: kind === 'sipRegistrar' ? 'KamasSessionHooks' : 'Webhook',
      baseUrl: url,
      domain: domain.name,
    }),
  })
}

export async function getWebhook(scope: Scope, actor: Actor, id: string): Promise<WebhookView> {
  return viewOf(await administeredWebhook(scope, actor, id))
}

/** The secret is told here and never again. */
export async function createWebhook(scope: Scope, actor: Actor, body: CreateWebhook): Promise<CreatedWebhook> {
  const { domain: name, ...fields } = body
  const domain = await administeredDomainNamed(scope, actor, name)
  refuseUncallable(scope, fields)
  const id = newId()
  const secret = newWebhookSecret()
  const webhook: WebhookRow = {
    ...fields,
    id,
    domainId: domain.id,
    secret: await sealed(scope, id, secret),
    previousSecret: null,
    previousUntil: null,
    revision: 1,
    createdAt: scope.clock.now(),
  }
  if ((await countWebhooks(scope.db, domain.id)) >= mostWebhooks) throw new AppError('conflict', { context: { maxWebhooks: mostWebhooks } })
  await refuseBroken(() => insertWebhook(scope.db, webhook, { most: mostWebhooks }))
  forgetHookTargets()
  scope.logger.info('webhook.created', { id, domainId: domain.id, kind: webhook.kind })
  return { ...viewOf({ webhook, domain }), secret }
}

/** At a new address, or in use again, it starts with a clean record. */
export async function changeWebhook(scope: Scope, actor: Actor, id: string, by: Change<WebhookView, ReplaceWebhook>): Promise<WebhookView> {
  const before = await administeredWebhook(scope, actor, id)
  const change = await by.of(viewOf(before))
  refuseUncallable(scope, change)
  await refuseBroken(() => updateWebhook(scope.db, before.webhook, change))
  forgetHookTargets()
  const after = { webhook: { ...before.webhook, ...change }, domain: before.domain }
  const isRevived = change.enabled && (!before.webhook.enabled || change.url !== before.webhook.url)
  await (isRevived ? stubOf(scope, after).enable() : stubOf(scope, after).changed())
  scope.logger.info('webhook.updated', { id })
  return viewOf(after)
}

export async function removeWebhook(
  scope: Scope,
  actor: Actor,
  id: string,
  expect: (current: WebhookView) => Promise<void>,
): Promise<void> {
  const found = await administeredWebhook(scope, actor, id)
  await expect(viewOf(found))
  await refuseBroken(() => deleteWebhook(scope.db, found.webhook))
  forgetHookTargets()
  await stubOf(scope, found).deleted()
  scope.logger.info('webhook.deleted', { id })
}

export async function enableWebhook(scope: Scope, actor: Actor, id: string): Promise<WebhookView> {
  const found = await administeredWebhook(scope, actor, id)
  refuseUncallable(scope, found.webhook)
  if (!found.webhook.enabled) await refuseBroken(() => updateWebhook(scope.db, found.webhook, { enabled: true }))
  forgetHookTargets()
  await stubOf(scope, found).enable()
  return viewOf({ webhook: { ...found.webhook, enabled: true }, domain: found.domain })
}

/** @param options.grace Seconds for which the secret before it signs too. */
export async function rotateWebhookSecret(scope: Scope, actor: Actor, id: string, options: { grace: number }): Promise<RotatedSecret> {
  const found = await administeredWebhook(scope, actor, id)
  const secret = newWebhookSecret()
  const previousUntil = options.grace === 0 ? null : scope.clock.now() + options.grace * 1000
  const previousSecret = previousUntil === null ? null : found.webhook.secret
  await refuseBroken(async () =>
    updateWebhook(scope.db, found.webhook, { secret: await sealed(scope, id, secret), previousSecret, previousUntil }),
  )
  await stubOf(scope, found).changed()
  scope.logger.info('webhook.secretRotated', { id })
  return { secret, previousUntil }
}

/** @throws AppError `notFound` outside the actor's domains. */
export async function administeredWebhook(scope: Scope, actor: Actor, id: string): Promise<WebhookInDomain> {
  const found = await findWebhook(scope.db, id)
  if (found === undefined || !administers(actor, found.domain.path)) throw new AppError('notFound')
  return found
}

/** The endpoint's object. */
export const stubOf = (scope: Scope, { webhook, domain }: WebhookInDomain) =>
  objectOf(scope.env, { endpointId: webhook.id, jurisdiction: domain.jurisdiction })

function refuseUncallable({ env }: Scope, { url }: { url: string }): void {
  const judged = outgoingUrl(url, { allowLoopback: env.RINGWAY_ALLOW_LOOPBACK_URLS === '1' })
  if (!judged.ok) throw AppError.invalidField('url', judged.error)
}

const sealed = async ({ env }: Scope, id: string, secret: string): Promise<string> =>
  (await webhookSecrets(env)).seal(secret, secretNameOf(id))

function viewOf({ webhook, domain }: WebhookInDomain): WebhookView {
  const { id, kind, url, description, events, includeChildren, enabled, createdAt } = webhook
  const known = events.flatMap((type) => eventTypeSchema.safeParse(type).data ?? [])
  return { id, domain: domain.name, kind, url, description, events: known, includeChildren, enabled, created: createdAt }
}
