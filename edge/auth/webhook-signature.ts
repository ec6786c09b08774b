import { Buffer } from '#edge/buffer.ts'
import { fromBase64, utf8 } from './bytes.ts'

/** Signatures of webhooks by the Standard Webhooks specification, symmetric scheme `v1`. */

const prefix = 'whsec_'

/** 256 random bits; the specification asks for 192 to 512. */
export const newWebhookSecret = (): string => prefix + Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64')

export interface SignedMessage {
  readonly id: string
  /** Seconds since the epoch. */
  readonly timestamp: number
  readonly body: string
}

/** One signature per secret, apart by a space: while secrets are exchanged, a consumer may know either. */
export async function webhookHeaders(secrets: readonly string[], message: SignedMessage): Promise<Record<string, string>> {
  const signatures = await Promise.all(secrets.map((secret) => sign(secret, message)))
  return {
    'webhook-id': message.id,
    'webhook-timestamp': String(message.timestamp),
    'webhook-signature': signatures.join(' '),
  }
}

async function sign(secret: string, { id, timestamp, body }: SignedMessage): Promise<string> {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' }
  const key = await crypto.subtle.importKey('raw', fromBase64(secret.slice(prefix.length)), algorithm, false, ['sign'])
  const signature = await crypto.subtle.sign(algorithm, key, utf8(`${id}.${timestamp}.${body}`))
  return `v1,${Buffer.from(signature).toString('base64')}`
}
