import { Webhook, WebhookVerificationError } from 'standardwebhooks'
import { expect, it } from 'vitest'
import { newWebhookSecret, webhookHeaders } from './webhook-signature.ts'

const message = { id: '0198-event', timestamp: Math.floor(Date.now() / 1000), body: '{"type":"userJoin","name":"Zoë"}' }
const secret = newWebhookSecret()

it('is taken by the library of the specification', async () => {
  expect(new Webhook(secret).verify(message.body, await webhookHeaders([secret], message))).toEqual(JSON.parse(message.body))
  expect(secret).toMatch(/^whsec_[\w+/]{43}=$/)
})

it('is taken under either secret while they are exchanged', async () => {
  const next = newWebhookSecret()
  const headers = await webhookHeaders([next, secret], message)
  for (const known of [secret, next]) expect(() => new Webhook(known).verify(message.body, headers)).not.toThrow()
  expect(() => new Webhook(newWebhookSecret()).verify(message.body, headers)).toThrow(WebhookVerificationError)
})

it('covers the body, the id and the time', async () => {
  const headers = await webhookHeaders([secret], message)
  const refused = (body: string, changes: Record<string, string>) =>
    expect(() => new Webhook(secret).verify(body, { ...headers, ...changes })).toThrow(WebhookVerificationError)
  refused(`${message.body} `, {})
  refused(message.body, { 'webhook-id': 'other' })
  refused(message.body, { 'webhook-timestamp': String(message.timestamp + 1) })
})
