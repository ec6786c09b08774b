import { z } from 'zod'
import { eventTypeSchema, hookEventSchema } from './events.ts'
import { domainNameSchema } from './names.ts'
import { createdWithSecret, defineOperations, idParamsSchema, none, page, resource, result } from './operation.ts'
import { pageQuerySchema } from './paging.ts'

/** `/sapi/webhooks` and `/sapi/hooks` (HOOK-1). In bodies, `domain` is a name. */

/**
 * `webhook`: signed events as JSON to a tenant's server. `sipRegistrar`: a user's first login and last logout
 * register and unregister its SIP identity at a SIP server (KamasSessionHooks of the original).
 */
export const hookKindSchema = z.enum(['webhook', 'sipRegistrar'])
export type HookKind = z.infer<typeof hookKindSchema>

/** https and a public host; what else the deployment allows is not for the schema to know. */
const urlSchema = z.url({ protocol: /^https?$/ }).max(2048)

const settable = {
  url: urlSchema,
  description: z.string().trim().max(256).default(''),
  events: z.array(eventTypeSchema).max(100).default([]).describe('Types to send. Empty: all.'),
  includeChildren: z.boolean().default(false).describe('Events of the domains below too.'),
  enabled: z.boolean().default(true),
}

export const createWebhookSchema = z.object({
  domain: z
    .union([z.literal(''), domainNameSchema])
    .default('')
    .describe("Empty: the admin's own domain, for platform admins the default domain."),
  kind: hookKindSchema.default('webhook'),
  ...settable,
})
export type CreateWebhook = z.infer<typeof createWebhookSchema>

/** Replaces the endpoint: what is optional and absent returns to its default. Domain and kind stay. */
export const replaceWebhookSchema = z.object(settable)
export type ReplaceWebhook = z.infer<typeof replaceWebhookSchema>

export const webhookSchema = z.object({
  id: z.string(),
  domain: z.string(),
  kind: hookKindSchema,
  url: z.string(),
  description: z.string(),
  events: z.array(eventTypeSchema),
  includeChildren: z.boolean(),
  enabled: z.boolean().describe('False: an admin said so, or the endpoint answered 410.'),
  created: z.number().describe('Milliseconds since the epoch.'),
})
export type WebhookView = z.infer<typeof webhookSchema>

/** Standard Webhooks: `whsec_` and base64. Told once, when it is made. */
const secretSchema = z.string()

const createdWebhookSchema = webhookSchema.extend({ secret: secretSchema })
export type CreatedWebhook = z.infer<typeof createdWebhookSchema>

const rotatedSecretSchema = z.object({
  secret: secretSchema,
  previousUntil: z.number().nullable().describe('Until when the secret before it signs too, in milliseconds since the epoch.'),
})
export type RotatedSecret = z.infer<typeof rotatedSecretSchema>

export const hookStatusSchema = z.object({
  breaker: z
    .enum(['closed', 'open', 'halfOpen'])
    .describe('`open`: nothing is sent for a while, for it has failed too often; `halfOpen`: one attempt decides.'),
  openUntil: z.number().nullable().describe('Until when it is open.'),
  goneSince: z.number().nullable().describe('Since when the endpoint has been answering 410.'),
  waiting: z.number().int(),
  dead: z.number().int(),
  oldestWaiting: z.number().nullable(),
})
export type HookStatus = z.infer<typeof hookStatusSchema>

export const loggedEventSchema = z.object({
  cursor: z.string().describe('Where it stands in the log: for `after` of a replay.'),
  state: z.enum(['waiting', 'delivered', 'dead']),
  attempts: z.number().int(),
  event: hookEventSchema,
})
export type LoggedEvent = z.infer<typeof loggedEventSchema>

export const loggedDeliverySchema = z.object({
  eventId: z.string(),
  type: eventTypeSchema,
  attempt: z.number().int().describe('Which attempt of the event it was, from 1.'),
  at: z.number().describe('Milliseconds since the epoch.'),
  duration: z.number().describe('Milliseconds until the answer, or until it was given up.'),
  status: z.number().int().nullable().describe('Of the answer; null where none came.'),
  error: z.string().nullable().describe('Why there is no answer that counts.'),
  response: z.string().nullable().describe("The beginning of the answer's body."),
})
export type LoggedDelivery = z.infer<typeof loggedDeliverySchema>

const hookSchema = z.object({
  id: z.string(),
  name: z.enum(['KamasSessionHooks', 'Webhook']).describe('As the original calls it.'),
  baseUrl: z.string(),
  domain: z.string(),
})
export type HookView = z.infer<typeof hookSchema>

const tag = 'Webhooks'
const params = idParamsSchema

export const webhookOperations = defineOperations({
  listWebhooks: {
    method: 'get',
    path: '/webhooks',
    tag,
    summary: 'List the endpoints of the domains you administer',
    access: 'admin',
    query: pageQuerySchema,
    answer: page(webhookSchema),
  },
  createWebhook: {
    method: 'post',
    path: '/webhooks',
    tag,
    summary: 'Create an endpoint',
    description:
      'The answer tells the secret that its events are signed with, and no other answer does. It gets the events of the configuration from now on, and those of calls and presence within 30 seconds.',
    access: 'admin',
    body: createWebhookSchema,
    answer: createdWithSecret(createdWebhookSchema),
    errors: ['notFound', 'invalidRequest', 'conflict'],
  },
  getWebhook: {
    method: 'get',
    path: '/webhooks/:id',
    tag,
    summary: 'Read an endpoint',
    access: 'admin',
    params,
    answer: resource(webhookSchema),
    errors: ['notFound'],
  },
  replaceWebhook: {
    method: 'put',
    path: '/webhooks/:id',
    tag,
    summary: 'Replace an endpoint',
    access: 'admin',
    params,
    body: replaceWebhookSchema,
    answer: resource(webhookSchema),
    errors: ['notFound', 'invalidRequest', 'conflict', 'preconditionFailed'],
  },
  updateWebhook: {
    method: 'patch',
    path: '/webhooks/:id',
    tag,
    summary: 'Change some fields of an endpoint',
    access: 'admin',
    params,
    body: replaceWebhookSchema,
    answer: resource(webhookSchema),
    errors: ['notFound', 'invalidRequest', 'conflict', 'preconditionFailed'],
  },
  deleteWebhook: {
    method: 'delete',
    path: '/webhooks/:id',
    tag,
    summary: 'Delete an endpoint with its log and what waits for it',
    access: 'admin',
    params,
    answer: none,
    errors: ['notFound', 'preconditionFailed'],
  },
  getWebhookStatus: {
    method: 'get',
    path: '/webhooks/:id/status',
    tag,
    summary: 'Read how deliveries to an endpoint stand',
    access: 'admin',
    params,
    answer: result(hookStatusSchema),
    errors: ['notFound'],
  },
  enableWebhook: {
    method: 'post',
    path: '/webhooks/:id/enable',
    tag,
    summary: 'Take an endpoint into use again',
    description: 'What was logged meanwhile and still waits is sent. A circuit breaker that is open closes.',
    access: 'admin',
    params,
    answer: result(webhookSchema),
    errors: ['notFound'],
  },
  rotateWebhookSecret: {
    method: 'post',
    path: '/webhooks/:id/rotateSecret',
    tag,
    summary: 'Give an endpoint a new secret',
    description: 'For `grace` seconds events are signed with the new and with the old one.',
    access: 'admin',
    params,
    body: z.object({ grace: z.number().int().min(0).max(604_800).default(86_400) }),
    answer: result(rotatedSecretSchema),
    errors: ['notFound', 'conflict'],
  },
  testWebhook: {
    method: 'post',
    path: '/webhooks/:id/test',
    tag,
    summary: 'Send a test event',
    description: 'What became of it is in the deliveries.',
    access: 'admin',
    params,
    answer: result(z.object({ eventId: z.string() })),
    errors: ['notFound', 'conflict'],
  },
  replayWebhook: {
    method: 'post',
    path: '/webhooks/:id/replay',
    tag,
    summary: 'Send again what was logged behind a cursor',
    description: 'Events of up to seven days, each under the id it had, so that a consumer knows what it has.',
    access: 'admin',
    params,
    body: z.object({ after: z.string().max(32).describe('A cursor of the log, or empty for all that it holds') }),
    answer: result(z.object({ events: z.number().int() })),
    errors: ['notFound', 'invalidRequest'],
  },
  listWebhookEvents: {
    method: 'get',
    path: '/webhooks/:id/events',
    tag,
    summary: 'Read the log of an endpoint, oldest first',
    access: 'admin',
    params,
    query: pageQuerySchema,
    answer: page(loggedEventSchema),
    errors: ['notFound', 'invalidRequest'],
  },
  listWebhookDeliveries: {
    method: 'get',
    path: '/webhooks/:id/deliveries',
    tag,
    summary: 'Read the attempts to deliver, latest first',
    access: 'admin',
    params,
    query: pageQuerySchema,
    answer: page(loggedDeliverySchema),
    errors: ['notFound', 'invalidRequest'],
  },
  listHooks: {
    method: 'get',
    path: '/hooks',
    tag,
    summary: 'List the hooks that are enabled',
    access: 'admin',
    query: pageQuerySchema,
    answer: page(hookSchema),
  },
})
