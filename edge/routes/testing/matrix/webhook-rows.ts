import type { webhookOperations } from '#shared/protocol/sapi/webhooks.ts'
import type { Rows } from './row.ts'
import { send, type World } from './world.ts'

/** Nobody is there, and nothing is sent but by the tests of webhooks. */
const body = { url: 'https://hooks.example.com/ringway', events: ['call.ended'] }

/** The one that was made before has been tried by then, and a domain has only so many. */
const before = new WeakMap<World, string>()

async function endpoint(world: World, fields: { enabled?: boolean } = {}): Promise<string> {
  const tried = before.get(world)
  if (tried !== undefined) await send(`/sapi/webhooks/${tried}`, { method: 'DELETE', token: world.platformAdmin.token })
  const { id } = await world.make('/sapi/webhooks', { ...body, ...fields, domain: world.home.domain })
  before.set(world, id)
  return id
}

const params = async (world: World) => ({ id: await endpoint(world) })

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
    request: async (world) => ({ params: { id: await endpoint(world, { enabled: false }) } }),
    refusal: 'conflict',
  },
  replayWebhook: { request: async (world) => ({ params: await params(world), body: { after: '' } }) },
  listWebhookEvents: { request: async (world) => ({ params: await params(world), query: { limit: '2' } }) },
  listWebhookDeliveries: { request: async (world) => ({ params: await params(world), query: { limit: '2' } }) },
  listHooks: { request: () => ({}) },
}
