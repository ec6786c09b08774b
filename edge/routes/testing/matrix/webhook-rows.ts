import type { webhookOperations } from '#shared/protocol/sapi/webhooks.ts'
import type { Rows } from './row.ts'
import type { World } from './world.ts'

/** Nobody is there, and nothing is sent but by the tests of webhooks. */
const body = { url: 'https://hooks.example.com/ringway', events: ['call.ended'] }

const params = async (world: World) => ({ id: (await world.make('/sapi/webhooks', { ...body, domain: world.home.domain })).id })

export const webhookRows: Rows<typeof webhookOperations> = {
  listWebhooks: { request: () => ({}) },
  createWebhook: { request: ({ home }) => ({ body: { ...body, domain: home.domain } }) },
  getWebhook: { request: async (world) => ({ params: await params(world) }) },
  replaceWebhook: { request: async (world) => ({ params: await params(world), body: { ...body, description: 'Another' } }) },
  updateWebhook: { request: async (world) => ({ params: await params(world), body: { enabled: false } }) },
  deleteWebhook: { request: async (world) => ({ params: await params(world) }) },
  getWebhookStatus: { request: async (world) => ({ params: await params(world) }) },
  enableWebhook: { request: async (world) => ({ params: await params(world) }) },
  rotateWebhookSecret: { request: async (world) => ({ params: await params(world), body: { grace: 60 } }) },
  // A test event would be sent, for the sender is real.
  testWebhook: {
    request: async (world) => {
      const { id } = await world.make('/sapi/webhooks', { ...body, domain: world.home.domain, enabled: false })
      return { params: { id } }
    },
    refusal: 'conflict',
  },
  replayWebhook: { request: async (world) => ({ params: await params(world), body: { after: '' } }) },
  listWebhookEvents: { request: async (world) => ({ params: await params(world), query: { limit: '2' } }) },
  listWebhookDeliveries: { request: async (world) => ({ params: await params(world), query: { limit: '2' } }) },
  listHooks: { request: () => ({}) },
}
