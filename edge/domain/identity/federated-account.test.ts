import { describe, expect, it } from 'vitest'
import { capabilityRulesOf, domainChoices, forcedDomainOf, isWithin, mayBeNamed, mergedClaims, profileOf } from './federated-account.ts'

const mapping = { usernameClaim: 'preferred_username', emailClaim: 'email', domainClaim: null }
const profile = (claims: Record<string, unknown>, own = {}) => profileOf(claims, { ...mapping, ...own })

describe('the profile', () => {
  it('has the name, the address and what to call the user by', () => {
    const claims = { preferred_username: 'Ann', email: 'ann.lee@acme.com', email_verified: true, name: 'Ann Lee' }
    expect(profile(claims)).toEqual({
      usernames: ['ann', 'ann.lee'],
      email: 'ann.lee@acme.com',
      emailVerified: true,
      displayName: 'Ann Lee',
      domain: undefined,
    })
  })

  it.each([
    ['Ana García', 'ana.garcia'],
    ['Zoë@corp.example', 'zoe'],
    ['  BOB  ', 'bob'],
    ['a_b+c-d', 'a_b+c-d'],
  ])('makes a user name of %j', (text, username) => {
    expect(profile({ preferred_username: text }).usernames).toEqual([username])
  })

  it.each(['', '@x', 'client-1', 'anonymous-9', '../x', 'Ω', 'x'.repeat(65), 7, null, {}])('makes none of %j', (value) => {
    expect(profile({ preferred_username: value }).usernames).toEqual([])
  })

  it.each([
    [{ email: 'a@x.com', email_verified: true }, true],
    [{ email: 'a@x.com', email_verified: 'true' }, true],
    [{ email: 'a@x.com', email_verified: false }, false],
    [{ email: 'a@x.com', email_verified: 'false' }, false],
    [{ email: 'a@x.com', email_verified: 1 }, false],
    [{ email: 'a@x.com' }, false],
    [{ email: 'no address', email_verified: true }, false],
    [{ email_verified: true }, false],
  ])('of %j is verified: %s', (claims, verified) => {
    expect(profile(claims).emailVerified).toBe(verified)
  })

  it('does not take the word for one address as one for another', () => {
    const claims = { upn: 'ceo@acme.com', email: 'mallory@evil.example', email_verified: true }
    expect(profile(claims, { emailClaim: 'upn' })).toMatchObject({ email: 'ceo@acme.com', emailVerified: false })
  })

  it('keeps an address and its verification together, and who it is about', () => {
    const token = { iss: 'i', sub: 's', name: 'Old', email: 'a@x.com', email_verified: true }
    expect(mergedClaims(token, { iss: 'other', sub: 'other', name: 'New', email: 'b@x.com' })).toEqual({
      iss: 'i',
      sub: 's',
      name: 'New',
      email: 'b@x.com',
      email_verified: undefined,
    })
    expect(mergedClaims(token, { email_verified: false })).toMatchObject({ email: 'a@x.com', email_verified: true })
  })

  it('reads the domain only where a claim for it is configured', () => {
    expect(profile({ hd: 'acme.com' }).domain).toBeUndefined()
    expect(profile({ hd: 'acme.com' }, { domainClaim: 'hd' }).domain).toBe('acme.com')
    expect(profile({ hd: ['acme.com'] }, { domainClaim: 'hd' }).domain).toBeUndefined()
  })
})

describe('the domain of a new user', () => {
  const deployment = { path: undefined, OAuthUserForcedDomain: null }
  const verified = profile({ email: 'a@acme.com', email_verified: true })
  const choices = (options: Partial<Parameters<typeof domainChoices>[0]>) =>
    domainChoices({ profile: verified, provider: deployment, forcedBySettings: undefined, requested: 'default', ...options })

  it('is the one of a verified address where there is one, else the one signed in to', () => {
    expect(choices({})).toEqual([
      { name: 'acme.com', within: [], byProvider: true, required: false },
      { name: 'default', within: [], byProvider: false, required: true },
    ])
    const unverified = choices({ profile: profile({ email: 'a@acme.com' }) })
    expect(unverified).toEqual([{ name: 'default', within: [], byProvider: false, required: true }])
  })

  it('is the one that the provider names, or none', () => {
    const named = profile({ hd: 'b', email: 'a@acme.com', email_verified: true }, { domainClaim: 'hd' })
    expect(choices({ profile: named })).toEqual([{ name: 'b', within: [], byProvider: true, required: true }])
  })

  it("is the forced one before all others: the provider's before the settings'", () => {
    const forcedBySettings = { name: 's', by: '/root/' }
    expect(choices({ forcedBySettings })).toEqual([{ name: 's', within: ['/root/'], byProvider: false, required: true }])
    const provider = { path: '/a/', OAuthUserForcedDomain: 'p' }
    const both = choices({ forcedBySettings, provider })
    expect(both).toEqual([{ name: 'p', within: ['/a/'], byProvider: false, required: true }])
  })

  it('stays within what the provider speaks for and whoever forces it', () => {
    const provider = { path: '/a/b/', OAuthUserForcedDomain: null }
    expect(choices({ provider }).every(({ within }) => within.includes('/a/b/'))).toBe(true)
    expect(choices({ provider, forcedBySettings: { name: 'x', by: '/a/' } })[0]?.within).toEqual(['/a/b/', '/a/'])
    expect(isWithin('/a/b/c/', ['/a/b/', '/a/'])).toBe(true)
    expect(isWithin('/a/d/', ['/a/b/', '/a/'])).toBe(false)
    expect(isWithin('/a/', [])).toBe(true)
  })
})

describe('a domain that a provider names', () => {
  const requested = { id: 'a' }

  it.each([
    ['the one signed in to', { id: 'a', parentId: 'root' }, true],
    ['one right under it', { id: 'x', parentId: 'a' }, true],
    ['one further down, whose name its own parent’s admin gave', { id: 'y', parentId: 'x' }, false],
    ['one elsewhere', { id: 'z', parentId: 'b' }, false],
    ['one without a parent', { id: 'r', parentId: null }, false],
  ])('may be %s', (_, domain, may) => {
    expect(mayBeNamed(domain, { requested, isChosen: true })).toBe(may)
  })

  it('may be one without a parent where none was chosen', () => {
    expect(mayBeNamed({ id: 'r', parentId: null }, { requested, isChosen: false })).toBe(true)
    expect(mayBeNamed({ id: 'y', parentId: 'x' }, { requested, isChosen: false })).toBe(false)
  })
})

describe('a forced domain', () => {
  const node = (path: string, forced?: string | null) => ({
    path,
    settings: forced === undefined ? {} : { logins: { OAuthUserForcedDomain: forced } },
  })

  it('is known with whoever set it, the nearest first', () => {
    expect(forcedDomainOf({}, [node('/a/')])).toBeUndefined()
    expect(forcedDomainOf({ logins: { OAuthUserForcedDomain: 'd' } }, [node('/a/')])).toEqual({ name: 'd', by: undefined })
    expect(forcedDomainOf({}, [node('/a/', 'x'), node('/a/b/')])).toEqual({ name: 'x', by: '/a/' })
    expect(forcedDomainOf({}, [node('/a/', 'x'), node('/a/b/', 'y')])).toEqual({ name: 'y', by: '/a/b/' })
    expect(forcedDomainOf({ logins: { OAuthUserForcedDomain: 'd' } }, [node('/a/', 'x'), node('/a/b/', null)])).toBeUndefined()
  })
})

it('reads capabilities as the guide writes them', () => {
  expect(capabilityRulesOf('+call-history,+change-camera, +create-contacts')).toEqual([
    '+call-history',
    '+change-camera',
    '+create-contacts',
  ])
  expect(capabilityRulesOf('')).toEqual([])
})
