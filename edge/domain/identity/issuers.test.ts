import { expect, it } from 'vitest'
import { isSameIssuer } from './issuers.ts'

it.each([
  ['https://id.example', 'https://id.example', true],
  ['https://id.example', 'https://id.example/', true],
  ['https://id.example/realms/a/', 'https://id.example/realms/a', true],
  ['https://id.example/realms/a', 'https://id.example/realms/b', false],
  ['https://id.example', 'https://evil.example', false],
  ['https://id.example', 'http://id.example', false],
  ['https://login.microsoftonline.com/common/v2.0', 'https://login.microsoftonline.com/3f2c/v2.0', true],
  ['https://login.microsoftonline.com/common/v2.0', 'https://login.microsoftonline.com.evil.example/3f2c/v2.0', false],
  ['accounts.example', 'accounts.example', true],
  ['accounts.example', 'https://accounts.example', false],
])('%s and %s are the same: %s', (configured, claimed, same) => {
  expect(isSameIssuer(configured, claimed)).toBe(same)
})
