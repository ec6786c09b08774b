import { scrypt, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import { fromBase64, toBase64Url } from './bytes.ts'

/** OWASP's parameters for scrypt (RFC 7914) that need 16 MiB: N = 2^14, r = 8, p = 5. */
const current = { logN: 14, r: 8, p: 5 } as const
const keyLength = 32

const storedSchema = z
  .string()
  .regex(/^scrypt\$\d{1,2}\$\d{1,2}\$\d{1,2}\$[\w-]{22}\$[\w-]{43}$/)
  .transform((text) => {
    const [, logN, r, p, salt = '', key = ''] = text.split('$')
    return { logN: Number(logN), r: Number(r), p: Number(p), salt: fromBase64(salt), key: fromBase64(key) }
  })

interface Parameters {
  readonly logN: number
  readonly r: number
  readonly p: number
}

/** `scrypt$<log2 N>$<r>$<p>$<salt>$<key>`, with a salt of its own for each password. */
export async function hashPassword(password: string): Promise<string> {
  const salt = crypto.getRandomValues(new Uint8Array(16))
  const key = await derive(password, salt, current)
  return ['scrypt', current.logN, current.r, current.p, toBase64Url(salt), toBase64Url(key)].join('$')
}

/**
 * Compares in constant time. Without a stored hash (an unknown user, or one without password) the same work
 * is done on a dummy, so that time does not tell who exists.
 */
export async function verifyPassword(password: string, stored: string | undefined): Promise<boolean> {
  const { salt, key, ...parameters } = stored === undefined ? dummy : storedSchema.parse(stored)
  const candidate = await derive(password, salt, parameters)
  return timingSafeEqual(candidate, key) && stored !== undefined
}

const dummy = { ...current, salt: new Uint8Array(16), key: new Uint8Array(keyLength) }

/** The same password typed on different keyboards is the same: RFC 8265 §4.2 (OpaqueString) asks for NFC. */
function derive(password: string, salt: Uint8Array, { logN, r, p }: Parameters): Promise<Uint8Array> {
  const N = 2 ** logN
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFC'), salt, keyLength, { N, r, p, maxmem: 160 * N * r }, (error, key) => {
      if (error) reject(error)
      else resolve(key)
    })
  })
}
