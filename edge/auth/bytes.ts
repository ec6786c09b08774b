import { Buffer } from '#edge/buffer.ts'

/** Encodings that every rule of authentication shares. */

export const utf8 = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(new TextEncoder().encode(text))

export const toBase64Url = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url')

export const fromBase64 = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(Buffer.from(text, 'base64'))

/** Unpredictable text of `bytes` random bytes, for secrets and opaque tokens. */
export const randomText = (bytes: number): string => toBase64Url(crypto.getRandomValues(new Uint8Array(bytes)))

export async function sha256(text: string): Promise<string> {
  return toBase64Url(new Uint8Array(await crypto.subtle.digest('SHA-256', utf8(text))))
}
