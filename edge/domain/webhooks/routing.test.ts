import { expect, it } from 'vitest'
import { type HookTarget, mayHear, takes } from './routing.ts'

const target = (changes: Partial<HookTarget> = {}): HookTarget => ({
  endpointId: 'e',
  domainId: 'parent',
  events: null,
  includeChildren: false,
  jurisdiction: null,
  ...changes,
})

it('hears of its own domain, and of those below where it asked for them', () => {
  expect(mayHear(target(), { domainId: 'parent', jurisdiction: null })).toBe(true)
  expect(mayHear(target(), { domainId: 'child', jurisdiction: null })).toBe(false)
  expect(mayHear(target({ includeChildren: true }), { domainId: 'child', jurisdiction: null })).toBe(true)
})

it('hears nothing that may not leave its jurisdiction', () => {
  const child = { domainId: 'child', jurisdiction: 'eu' } as const
  expect(mayHear(target({ includeChildren: true }), child)).toBe(false)
  expect(mayHear(target({ includeChildren: true, jurisdiction: 'eu' }), child)).toBe(true)
})

it('takes the types that it named, or all', () => {
  expect(takes(target(), 'userJoin')).toBe(true)
  expect(takes(target({ events: ['call.ended'] }), 'userJoin')).toBe(false)
  expect(takes(target({ events: ['call.ended'] }), 'call.ended')).toBe(true)
})
