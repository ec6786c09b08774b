import { AppError } from '#shared/errors/AppError.ts'
import type { Env } from '#edge/env.ts'
import { fromBase64, utf8 } from './bytes.ts'

/** A key for HMAC-SHA-256 that serves one purpose, derived from the deployment's master key (RFC 5869). */
export async function macKey(env: Pick<Env, 'RINGWAY_MASTER_KEY'>, purpose: string): Promise<CryptoKey> {
  const material = fromBase64(env.RINGWAY_MASTER_KEY)
  if (material.length !== 32) throw new AppError('unavailable', { cause: new Error('RINGWAY_MASTER_KEY must be 32 bytes in base64') })
  const root = await crypto.subtle.importKey('raw', material, 'HKDF', false, ['deriveKey'])
  const derivation = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(0), info: utf8(`ringway ${purpose}`) }
  return crypto.subtle.deriveKey(derivation, root, { name: 'HMAC', hash: 'SHA-256', length: 256 }, false, ['sign'])
}
