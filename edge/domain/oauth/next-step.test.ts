import { expect, it } from 'vitest'
import { nextStep, type Situation } from './next-step.ts'

const now = 1_000_000_000
type Change = Partial<Omit<Situation, 'request'>> & { readonly request?: Partial<Situation['request']> }

const situation = (change: Change): Situation => ({
  client: { trusted: false, authMethod: undefined },
  session: { authTime: now - 60_000 },
  freshLogin: false,
  agreed: false,
  consented: ['openid', 'wapi'],
  ...change,
  request: { prompt: [], maxAge: undefined, scope: ['openid'], redirectUri: 'https://app.example/cb', ...change.request },
})
const stepOf = (change: Change) => {
  const step = nextStep(situation(change), now)
  return step.kind === 'refuse' ? step.error.error : step.kind
}

it.each<[string, Change, string]>([
  ['who is logged in and has agreed', {}, 'answer'],
  ['nobody logged in', { session: undefined }, 'login'],
  ['nobody logged in, silently', { session: undefined, request: { prompt: ['none'] } }, 'login_required'],
  ['prompt login', { request: { prompt: ['login'] } }, 'login'],
  ['prompt login, after it', { request: { prompt: ['login'] }, freshLogin: true }, 'answer'],
  ['prompt select_account', { request: { prompt: ['select_account'] } }, 'login'],
  ['a login as old as it may be', { request: { maxAge: 60 } }, 'answer'],
  ['a login too old', { request: { maxAge: 59 } }, 'login'],
  ['a login too old, silently', { request: { maxAge: 59, prompt: ['none'] } }, 'login_required'],
  ['a login too old, but just agreed', { request: { maxAge: 59, scope: ['sapi'] }, agreed: true }, 'answer'],
  ['nobody logged in any more, though just agreed', { session: undefined, agreed: true }, 'login'],
  ['more than agreed to', { request: { scope: ['openid', 'sapi'] } }, 'consent'],
  ['more than agreed to, silently', { request: { scope: ['openid', 'sapi'], prompt: ['none'] } }, 'consent_required'],
  ['prompt consent', { request: { prompt: ['consent'] } }, 'consent'],
  ['prompt login and consent, after the login', { request: { prompt: ['login', 'consent'] }, freshLogin: true }, 'consent'],
  ['prompt consent of a trusted client', { request: { prompt: ['consent'] }, client: { trusted: true, authMethod: 'none' } }, 'consent'],
  ['a trusted client', { consented: [], client: { trusted: true, authMethod: undefined } }, 'answer'],
  ['a public client at its own site', { client: { trusted: false, authMethod: 'none' } }, 'answer'],
  [
    'a public client on the user’s machine',
    { client: { trusted: false, authMethod: 'none' }, request: { redirectUri: 'http://127.0.0.1/cb' } },
    'consent',
  ],
])('%s', (_, change, expected) => {
  expect(stepOf(change)).toBe(expected)
})
