import { describe, expect, it } from 'vitest'
import { administers, mayHandle } from './access.ts'
import { idsInPath, maxDepth, pathUnder } from './domain-chain.ts'
import { checkOwnChange, checkPlacement } from './domain-rules.ts'

const row = {
  name: 'acme',
  services: { login: [], contacts: ['wac', 'ldap'] },
  settings: { rooms: { participantsLimit: 5, setOwner: true } },
  capabilities: ['-recording', '+whiteboard'],
  anonymousCapabilities: ['-chat'],
}
const { name: domain, ...kept } = row
const same = { ...kept, domain, parent: 'root', disabled: false }
const check = (change: Partial<typeof same>) => checkOwnChange({ row, parent: 'root' }, { ...same, ...change })

describe('checkOwnChange', () => {
  it('lets an admin change what is its own, in any order of words', () => {
    check({ services: { contacts: ['ldap', 'wac'], login: [] } })
    check({ settings: { rooms: { participantsLimit: 5, setOwner: false } } })
    check({ capabilities: ['-call-history', '-recording'], anonymousCapabilities: ['+hold', '-chat'] })
  })

  it.each([
    ['domain', { domain: 'other' }],
    ['parent', { parent: 'elsewhere' }],
    ['disabled', { disabled: true }],
    ['services', { services: { ...row.services, recording: [] } }],
    ['services', { services: { login: [] } }],
    ['settings', { settings: { rooms: { participantsLimit: 6 } } }],
    ['settings', { settings: {} }],
    ['capabilities', { capabilities: ['+whiteboard'] }],
    ['capabilities', { capabilities: ['+recording', '+whiteboard'] }],
    ['anonymousCapabilities', { anonymousCapabilities: [] }],
  ])('refuses a change of %s', (field, change) => {
    expect(() => check(change as Partial<typeof same>)).toThrow(
      expect.objectContaining({ code: 'forbidden', context: { fields: [field] } }),
    )
  })
})

describe('checkPlacement', () => {
  const deep = Array.from({ length: maxDepth }, (_, index) => `d${index}`).reduce(pathUnder, '/')

  it('lets domains nest so deep and no deeper', () => {
    checkPlacement({ path: deep, jurisdiction: null }, undefined)
    expect(() => checkPlacement({ path: pathUnder(deep, 'x'), jurisdiction: null }, undefined)).toThrow(
      expect.objectContaining({ code: 'conflict' }),
    )
  })

  it('counts what comes along with a domain', () => {
    const [path, levels] = ['/a/b/c/', maxDepth - 2]
    checkPlacement({ path, jurisdiction: null }, undefined, { height: levels })
    expect(() => checkPlacement({ path, jurisdiction: null }, undefined, { height: levels + 1 })).toThrow(
      expect.objectContaining({ code: 'conflict' }),
    )
  })

  it("keeps a domain in its parent's jurisdiction", () => {
    checkPlacement({ path: '/a/b/', jurisdiction: 'eu' }, { jurisdiction: 'eu' })
    checkPlacement({ path: '/a/b/', jurisdiction: 'eu' }, { jurisdiction: null })
    expect(() => checkPlacement({ path: '/a/b/', jurisdiction: null }, { jurisdiction: 'eu' })).toThrow(
      expect.objectContaining({ code: 'conflict' }),
    )
  })
})

describe('access', () => {
  const admin = { userId: 'u', domainId: 'b', role: 'admin' } as const

  it('reaches down from the own domain, not up or aside', () => {
    expect(['/a/', '/a/b/', '/a/b/c/', '/a/bb/', '/c/'].map((path) => administers(admin, path))).toEqual([false, true, true, false, false])
  })

  it('reaches everywhere for platform admins and nowhere for users', () => {
    expect(administers({ ...admin, role: 'platform-admin' }, '/x/')).toBe(true)
    expect(administers({ ...admin, role: 'user' }, '/a/b/')).toBe(false)
    expect(administers({ ...admin, role: 'anonymous' }, '/a/b/')).toBe(false)
  })

  it('lets only platform admins handle platform admins', () => {
    expect(mayHandle(admin, 'admin')).toBe(true)
    expect(mayHandle(admin, 'platform-admin')).toBe(false)
    expect(mayHandle({ ...admin, role: 'platform-admin' }, 'platform-admin')).toBe(true)
  })
})

it('a path names its ids from the root', () => {
  expect(idsInPath(pathUnder(pathUnder(null, 'a'), 'b'))).toEqual(['a', 'b'])
})
