import { webhookOperations } from '#shared/protocol/sapi/webhooks.ts'
import { listWebhookDeliveriesFor, listWebhookEventsFor, replayWebhook, testWebhook, webhookStatus } from '#edge/services/webhook-log.ts'
import {
  changeWebhook,
  createWebhook,
  enableWebhook,
  getWebhook,
  listHooksFor,
  listWebhooksFor,
  removeWebhook,
  rotateWebhookSecret,
} from '#edge/services/webhooks.ts'
import { implement } from './kit/operations.ts'

/** HOOK-1. */
export const webhookRoutes = implement(webhookOperations, {
  listWebhooks: ({ scope, actor, query }) => listWebhooksFor(scope, actor, query),
  createWebhook: ({ scope, actor, body }) => createWebhook(scope, actor, body),
  getWebhook: ({ scope, actor, params }) => getWebhook(scope, actor, params.id),
  replaceWebhook: ({ scope, actor, params, change }) => changeWebhook(scope, actor, params.id, change),
  updateWebhook: ({ scope, actor, params, change }) => changeWebhook(scope, actor, params.id, change),
  deleteWebhook: ({ scope, actor, params, expect }) => removeWebhook(scope, actor, params.id, expect),
  getWebhookStatus: ({ scope, actor, params }) => webhookStatus(scope, actor, params.id),
  enableWebhook: ({ scope, actor, params }) => enableWebhook(scope, actor, params.id),
  rotateWebhookSecret: ({ scope, actor, params, body }) => rotateWebhookSecret(scope, actor, params.id, body),
  testWebhook: ({ scope, actor, params }) => testWebhook(scope, actor, params.id),
  replayWebhook: ({ scope, actor, params, body }) => replayWebhook(scope, actor, params.id, body),
  listWebhookEvents: ({ scope, actor, params, query }) => listWebhookEventsFor(scope, actor, params.id, query),
  listWebhookDeliveries: ({ scope, actor, params, query }) => listWebhookDeliveriesFor(scope, actor, params.id, query),
  listHooks: ({ scope, actor, query }) => listHooksFor(scope, actor, query),
})
