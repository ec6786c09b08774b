import { describe, expect, it } from 'vitest'
import { originPatternSchema } from '#shared/protocol/sapi/origins.ts'
import { hostOf, hostOfOrigin, patternsMatching } from './origin-patterns.ts'

const matches = (pattern: string, host: string): boolean => patternsMatching(host).includes(pattern)

describe('patternsMatching', () => {
  it.each([
    ['www.acme.com', 'www.acme.com', true],
    ['*.acme.com', 'www.acme.com', true],
    ['*.acme.com', 'a.b.acme.com', true],
    ['demo.acme.*', 'demo.acme.es', true],
    ['acme', 'acme', true],
    ['*.acme.com', 'acme.com', false],
    ['*.acme.com', 'evilacme.com', false],
    ['*.acme.com', 'www.acme.com.evil.example', false],
    ['*.acme.com', 'www-acme.com', false],
    ['www.acme.com', 'www.acme.com.evil.example', false],
    ['www.acme.com', 'wwwxacme.com', false],
    ['www.acme.com', 'evil-www.acme.com', false],
    ['demo.acme.*', 'demo.acme.evil.example', false],
    ['demo.acme.*', 'x.demo.acme.es', false],
    ['demo.acme.*', 'demo.acme', false],
  ])('%s and %s: %s', (pattern, host, expected) => {
    expect(matches(pattern, host)).toBe(expected)
  })

  it('has the most specific first', () => {
    expect(patternsMatching('a.b.com')).toEqual(['a.b.com', '*.b.com', '*.com', 'a.b.*'])
  })
})

describe('originPatternSchema', () => {
  it.each(['www.acme.com', '*.acme.com', 'demo.acme.*', 'acme', 'localhost', ' WWW.Acme.COM '])('takes %s', (pattern) => {
    expect(originPatternSchema.parse(pattern)).toBe(pattern.trim().toLowerCase())
  })

  it.each([
    '*',
    '*.com',
    'acme.*',
    '*.*',
    '*.acme.*',
    '*.a.b.*',
    'www.*.com',
    '*acme.com',
    '.*',
    '^www',
    'a|b',
    'https://acme.com',
    'acme.com:443',
    'acme..com',
    '',
    '-acme.com',
    '(a+)+$',
  ])('refuses %s', (pattern) => {
    expect(originPatternSchema.safeParse(pattern).success).toBe(false)
  })
})

describe('hosts', () => {
  it.each([
    ['https://Www.Acme.com', 'www.acme.com'],
    ['http://localhost:5173', 'localhost'],
    ['null', undefined],
    ['www.acme.com', undefined],
    ['file://', undefined],
    ['https://[::1]:8080', undefined],
  ])('origin %s is %s', (origin, host) => {
    expect(hostOfOrigin(origin)).toBe(host)
  })

  it.each([
    ['Acme.com', 'acme.com'],
    ['acme.com/x', undefined],
    ["a' or 1=1", undefined],
    ['a'.repeat(300), undefined],
    ['', undefined],
  ])('text %s is %s', (text, host) => {
    expect(hostOf(text)).toBe(host)
  })
})
