import { timingSafeEqual } from 'node:crypto'
import { Buffer } from '#edge/buffer.ts'
import { randomText, sha256, utf8 } from './bytes.ts'

/** The secret of an OAuth client: 256 random bits, so a plain hash is as good as a slow one. */
export async function newClientSecret(): Promise<{ secret: string; hash: string }> {
  const secret = randomText(32)
  return { secret, hash: await hashOf(secret) }
}

/** In constant time, and the same for a client that does not exist. */
export async function verifyClientSecret(secret: string, stored: string | undefined): Promise<boolean> {
  const candidate = utf8(await hashOf(secret))
  const expected = utf8(stored ?? (await hashOf('')))
  return candidate.length === expected.length && timingSafeEqual(candidate, expected) && stored !== undefined
}

/** RFC 6749 §2.3.1: id and secret are form-encoded before they become an HTTP Basic pair. */
export function basicCredentials(header: string | null): { clientId: string; clientSecret: string } | undefined {
  const encoded = /^basic +([\w+/=-]+) *$/i.exec(header ?? '')?.[1]
  if (encoded === undefined) return undefined
  const pair = Buffer.from(encoded, 'base64').toString('utf8')
  const colon = pair.indexOf(':')
  if (colon < 0) return undefined
  const clientId = formDecoded(pair.slice(0, colon))
  const clientSecret = formDecoded(pair.slice(colon + 1))
  return clientId === undefined || clientSecret === undefined ? undefined : { clientId, clientSecret }
}

function formDecoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return undefined
  }
}

const hashOf = (secret: string): Promise<string> => sha256(`client secret ${secret}`)
