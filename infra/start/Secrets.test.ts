import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Secrets } from './Secrets.ts'

let folder: string
let path: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ringway-secrets-'))
  path = join(folder, 'secrets.json')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('Secrets', () => {
  it('are made once and kept for their owner alone', () => {
    const first = Secrets.open(path)
    chmodSync(path, 0o644)
    const second = Secrets.open(path)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(Buffer.from(first.masterKey, 'base64')).toHaveLength(32)
    expect(second.masterKey).toBe(first.masterKey)
    expect(second.enrolmentSecret).toBe(first.enrolmentSecret)
    expect(second.demoPasswordFor('alice')).toBe(second.demoPasswordFor('alice'))
    expect(Secrets.open(path).demoPasswordFor('alice')).toBe(second.demoPasswordFor('alice'))
    expect(second.demoPasswordFor('bob')).not.toBe(second.demoPasswordFor('alice'))
  })

  it('keep the generated admin password until the admin exists, and no longer', () => {
    const password = Secrets.open(path).adminPasswordFor('admin@default')
    expect(password).toMatch(/^\w{16}$/)
    const secrets = Secrets.open(path)
    expect(secrets.adminPasswordFor('admin@default')).toBe(password)
    expect(secrets.createdAdmin).toBeUndefined()
    secrets.noteAdminCreated('admin@default')
    expect(readFileSync(path, 'utf8')).not.toContain(password)
    const later = Secrets.open(path)
    expect(later.adminPasswordFor('admin@default')).toBeUndefined()
    expect(later.adminPasswordFor('other@default')).toBeUndefined()
    expect(later.createdAdmin).toBe('admin@default')
  })

  it('refuse to replace a damaged file', () => {
    writeFileSync(path, '{"masterKey":')
    expect(() => Secrets.open(path)).toThrow('is damaged')
    expect(readFileSync(path, 'utf8')).toBe('{"masterKey":')
  })
})
