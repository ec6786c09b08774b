import { type HookEvent, hookEventSchema } from '#shared/protocol/sapi/events.ts'
import { loggedEventSchema } from '#shared/protocol/sapi/webhooks.ts'
import { adminToken, call, expectJson, type Made } from './api.ts'

/** Writes down the events of these types of one domain from now on; the answer tells them, the first one first. */
export async function writeDownEvents(domain: string, types: readonly HookEvent['type'][]): Promise<() => Promise<HookEvent[]>> {
  const token = await adminToken()
  // Out of use, so that nothing is sent; what it takes is logged all the same.
  const json = { domain, url: 'https://hooks.example.com/', enabled: false, events: types }
  const { id } = await expectJson<Made>(await call('/sapi/webhooks', { json, token }), 201)
  return async () => {
    const log = loggedEventSchema.array().parse(await expectJson(await call(`/sapi/webhooks/${id}/events?limit=200`, { token }), 200))
    return log.map(({ event }) => hookEventSchema.parse(event)).toSorted((a, b) => a.seq - b.seq)
  }
}
