import { expect, it } from 'vitest'
import { parseUserTarget, userUri } from './user-target.ts'

it.each([
  ['bob', { kind: 'own', username: 'bob' }],
  [' Bob ', { kind: 'own', username: 'bob' }],
  ['bob@B.Example', { kind: 'name', username: 'bob', domain: 'b.example' }],
  ['a@b@c', { kind: 'name', username: 'a@b', domain: 'c' }],
  ['wac-user:0190-X', { kind: 'id', userId: '0190-X' }],
])('%s', (text, target) => {
  expect(parseUserTarget(text)).toEqual(target)
})

it.each(['', ' ', '@', 'bob@', '@b', 'wac-user:'])('names nobody: "%s"', (text) => {
  expect(parseUserTarget(text)).toBeUndefined()
})

it('reads the URI that it writes', () => {
  expect(parseUserTarget(userUri('x'))).toEqual({ kind: 'id', userId: 'x' })
})
