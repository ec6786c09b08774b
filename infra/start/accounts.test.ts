import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { demoAccounts } from './accounts.ts'
import { parseStartConfig } from './config.ts'
import { Secrets } from './Secrets.ts'

let folder: string
let secrets: Secrets

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ringway-accounts-'))
  secrets = Secrets.open(join(folder, 'secrets.json'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const config = (env: Record<string, string> = {}) => parseStartConfig(env, { root: folder })
const open = { RINGWAY_BIND: '0.0.0.0', RINGWAY_ANNOUNCED_ADDRESS: '192.0.2.1' }
const passwords = (env?: Record<string, string>) => demoAccounts(config(env), secrets)?.accounts.map(({ password }) => password)

/** What main.ts does once the edge is healthy. */
function create(env?: Record<string, string>): void {
  const demo = demoAccounts(config(env), secrets)
  if (demo !== undefined) secrets.noteDemoCreated(demo.note)
}

describe('demoAccounts', () => {
  it('have one easy password on loopback', () => {
    expect(new Set(passwords())).toEqual(new Set(['ringway-demo']))
  })

  it('have a password of their own each where others can connect', () => {
    const first = passwords(open)
    expect(new Set(first).size).toBe(4)
    expect(first?.every((password) => /^\w{16}$/.test(password))).toBe(true)
    expect(passwords(open)).toEqual(first)
  })

  it('keep on loopback what they were created with elsewhere', () => {
    create(open)
    expect(passwords()).toEqual(passwords(open))
  })

  it('are not announced elsewhere when they were created on loopback', () => {
    create()
    expect(passwords()).toBeDefined()
    expect(passwords(open)).toBeUndefined()
  })

  it('do not exist where they are not wanted', () => {
    expect(passwords({ RINGWAY_DEMO: '0' })).toBeUndefined()
  })
})
