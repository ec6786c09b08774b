import { describe, expect, it } from 'vitest'
import { hashPassword, verifyPassword } from './password.ts'

describe('passwords', () => {
  it('are stored salted, with their cost', async () => {
    const [first, second] = await Promise.all([hashPassword('secret 1'), hashPassword('secret 1')])
    expect(first).toMatch(/^scrypt\$14\$8\$5\$[\w-]{22}\$[\w-]{43}$/)
    expect(first).not.toBe(second)
    expect(first).not.toContain('secret')
  })

  it('are recognized, also typed on another keyboard, and others are not', async () => {
    const stored = await hashPassword('pa\u00df é')
    expect(await verifyPassword('pa\u00df e\u0301', stored)).toBe(true)
    expect(await verifyPassword('pa\u00df e', stored)).toBe(false)
    expect(await verifyPassword('', stored)).toBe(false)
  })

  it('are read at the cost they were stored with', async () => {
    const stored = 'scrypt$4$8$1$AAAAAAAAAAAAAAAAAAAAAA$'
    const { scryptSync } = await import('node:crypto')
    const key = scryptSync('old', new Uint8Array(16), 32, { N: 16, r: 8, p: 1 }).toString('base64url')
    expect(await verifyPassword('old', stored + key)).toBe(true)
    expect(await verifyPassword('new', stored + key)).toBe(false)
  })

  it('never match where none is stored', async () => {
    expect(await verifyPassword('', undefined)).toBe(false)
    expect(await verifyPassword('anything', undefined)).toBe(false)
  })

  it('are not read from what is no hash', async () => {
    await expect(verifyPassword('x', 'plain')).rejects.toThrow()
  })
})
