import { describe, expect, it } from 'vitest'
import { capabilitySchema, domainNameSchema, usernameSchema } from './names.ts'
import { nextPage, nextPageLink, pageQuerySchema } from './paging.ts'
import { servicesSchema } from './services.ts'

describe('names', () => {
  it.each([' Alice ', 'bob.smith', '205', 'a+b_c-d'])('takes the user name %s', (name) => {
    expect(usernameSchema.parse(name)).toBe(name.trim().toLowerCase())
  })

  it.each(['', 'a b', 'a@b', '-a', '.a', 'a:b', 'ümlaut', 'anonymous-1', 'Client-1', 'a'.repeat(65), 'a\nb'])(
    'refuses the user name %j',
    (name) => {
      expect(usernameSchema.safeParse(name).success).toBe(false)
    },
  )

  it.each(['default', 'Acme.COM', 'a-b.c1'])('takes the domain name %s', (name) => {
    expect(domainNameSchema.parse(name)).toBe(name.toLowerCase())
  })

  it.each(['', '.', 'a.', '-a', 'a-', 'a b', 'a@b', 'a/b', '*.a', `${'a'.repeat(64)}.b`])('refuses the domain name %j', (name) => {
    expect(domainNameSchema.safeParse(name).success).toBe(false)
  })

  it.each(['+whiteboard', '-chat', 'c2cagent'])('takes the capability %s', (name) => {
    expect(capabilitySchema.parse(name)).toBe(name)
  })

  it.each(['', '+', '--x', 'a b', '+-x'])('refuses the capability %j', (name) => {
    expect(capabilitySchema.safeParse(name).success).toBe(false)
  })

  it('refuses services that are no names', () => {
    expect(servicesSchema.safeParse({ __proto__x: [] }).success).toBe(false)
    expect(servicesSchema.safeParse({ chat: 'yes' }).success).toBe(false)
  })
})

describe('paging', () => {
  it('reads the link that it writes', () => {
    const link = nextPageLink(new URL('https://edge.example/sapi/users?limit=2&cursor=a'), 'b c')
    expect(link).toBe('</sapi/users?limit=2&cursor=b+c>; rel="next"')
    expect(nextPage(link)).toBe('/sapi/users?limit=2&cursor=b+c')
    expect(nextPage(`</x>; rel="prev", ${link}`)).toBe('/sapi/users?limit=2&cursor=b+c')
  })

  it.each([null, '', '</x>; rel="prev"', 'nonsense'])('finds no next page in %j', (link) => {
    expect(nextPage(link)).toBeUndefined()
  })

  it.each(['0', '201', '-1', 'x', '1.5'])('refuses the limit %s', (limit) => {
    expect(pageQuerySchema.safeParse({ limit }).success).toBe(false)
  })
})
