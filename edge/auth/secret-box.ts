import { AppError } from '#shared/errors/AppError.ts'
import { fromBase64, toBase64Url, utf8 } from './bytes.ts'

/**
 * Seals what is stored but must be readable again (signing keys, third-party passwords) under the
 * deployment's master key: AES-256-GCM with a key derived per purpose (HKDF, RFC 5869). `name` says
 * which record it is and is authenticated, so that sealed values cannot be swapped between records.
 */
export interface SecretBox {
  seal(plaintext: string, name: string): Promise<string>
  /** @throws AppError `internal` when the value was sealed under another key, purpose or name. */
  open(sealed: string, name: string): Promise<string>
}

const version = 'v1'

export async function secretBox(masterKey: string, purpose: string): Promise<SecretBox> {
  const key = await deriveKey(masterKey, purpose)
  return {
    async seal(plaintext, name) {
      const iv = crypto.getRandomValues(new Uint8Array(12))
      const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData: utf8(name) }, key, utf8(plaintext))
      return [version, toBase64Url(iv), toBase64Url(new Uint8Array(sealed))].join('.')
    },
    async open(sealed, name) {
      const [found, iv, ciphertext] = sealed.split('.')
      if (found !== version || iv === undefined || ciphertext === undefined)
        throw new AppError('internal', { cause: new Error(`Not a sealed value: ${name}`) })
      try {
        const plain = await crypto.subtle.decrypt(
          { name: 'AES-GCM', iv: fromBase64(iv), additionalData: utf8(name) },
          key,
          fromBase64(ciphertext),
        )
        return new TextDecoder().decode(plain)
      } catch (cause) {
        throw new AppError('internal', { cause: new Error(`${name} is sealed under another master key`, { cause }) })
      }
    },
  }
}

async function deriveKey(masterKey: string, purpose: string): Promise<CryptoKey> {
  const material = fromBase64(masterKey)
  if (material.length !== 32) throw new AppError('unavailable', { cause: new Error('RINGWAY_MASTER_KEY must be 32 bytes in base64') })
  const root = await crypto.subtle.importKey('raw', material, 'HKDF', false, ['deriveKey'])
  const derivation = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(0), info: utf8(`ringway ${purpose}`) }
  return crypto.subtle.deriveKey(derivation, root, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'])
}
