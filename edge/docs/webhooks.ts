import { z } from 'zod'
import type { ZodOpenApiPathsObject } from 'zod-openapi'
import { type EventType, eventCatalogue, eventTypes, hookEventSchema } from '#shared/protocol/sapi/events.ts'

/** The events that Ringway sends to the webhooks of a domain, one entry for each type. */
export const eventWebhooks = (): ZodOpenApiPathsObject => Object.fromEntries(eventTypes.map((type) => [type, { post: requestOf(type) }]))

function requestOf(type: EventType) {
  const { summary, data, version } = eventCatalogue[type]
  const schema = hookEventSchema.extend({ type: z.literal(type), version: z.literal(version), data })
  return {
    operationId: `on${type.split('.').map(capital).join('')}`,
    tags: ['Events'],
    summary,
    security: [],
    requestParams: { header: signatureHeaders },
    requestBody: { required: true, content: { 'application/json': { schema } } },
    responses: {
      '2XX': { description: 'Taken. Anything else, or no answer in time, and the event is sent again.' },
      410: { description: 'No more events are wanted: the endpoint is disabled.' },
    },
  }
}

const capital = (name: string): string => name.slice(0, 1).toUpperCase() + name.slice(1)

const signatureHeaders = z.object({
  'webhook-id': z.string().describe('The id of the event, the same however often it is sent.'),
  'webhook-timestamp': z.string().describe('When it is sent, in seconds since the epoch.'),
  'webhook-signature': z
    .string()
    .describe('`v1,` and the signature in base64, for each secret in force, parted by spaces (Standard Webhooks).'),
})
