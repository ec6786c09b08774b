import { beforeEach, expect, it } from 'vitest'
import {
  adminToken,
  call,
  createDomain,
  createUser,
  env,
  expectDead,
  expectJson,
  expectProblem,
  login,
  type Made,
  requestToken,
  startAnew,
  userPassword,
} from './testing/api.ts'
import { openHubSocket } from './testing/hub-socket.ts'

/** `PUT /sapi/users/me/password`. */

beforeEach(async () => {
  await startAnew()
  await createDomain('a', { enableAnonymous: true })
})

const change = (token: string, json: unknown, headers = {}) => call('/sapi/users/me/password', { method: 'PUT', json, token, headers })
const next = 'quite another password'

it('a password is changed by who knows it; other logins end, this one goes on', async () => {
  const user = await createUser('a', 'alice')
  const [here, there] = [await login('alice@a', userPassword), await login('alice@a', userPassword)]
  const socket = await openHubSocket(there.access_token)
  const answer = await change(here.access_token, { current: userPassword, password: next })
  expect(answer.status).toBe(204)
  expect(await answer.text()).toBe('')
  expect(await socket.closed).toEqual({ code: 4401 })
  await expectDead(there)
  const refreshed = await requestToken({ grant_type: 'refresh_token', refresh_token: here.refresh_token })
  await expectJson(refreshed, 200)
  await login('alice@a', next)
  expect((await requestToken({ grant_type: 'password', username: 'alice@a', password: userPassword })).status).toBe(400)
  expect(await expectJson<Made[]>(await call(`/sapi/credentials?user=${user.id}`, { token: await adminToken() }), 200)).toHaveLength(1)
  const stored = await env.DB.prepare('select * from credentials').all()
  expect(JSON.stringify(stored.results)).not.toContain(next)
})

it('a wrong one changes nothing, and guessing is slowed', async () => {
  await createUser('a', 'alice')
  const { access_token } = await login('alice@a', userPassword)
  const guess = () => change(access_token, { current: 'guessed wrong', password: next }, { 'cf-connecting-ip': '203.0.113.9' })
  await expectProblem(await guess(), 403, 'wrongPassword')
  for (let guesses = 1; guesses < 10; guesses += 1) await guess()
  const slowed = await guess()
  await expectProblem(slowed, 429, 'rateLimited')
  expect(Number(slowed.headers.get('retry-after'))).toBeGreaterThan(0)
  await login('alice@a', userPassword)
})

it('a short one is refused with the length it must have', async () => {
  await createUser('a', 'alice')
  const { access_token } = await login('alice@a', userPassword)
  const problem = await expectProblem(await change(access_token, { current: userPassword, password: 'qa2' }), 400, 'invalidRequest')
  expect(JSON.stringify(problem)).toContain('at least 8 characters')
})

it('who has none cannot have one this way', async () => {
  const visitor = await expectJson<{ access_token: string }>(await requestToken({ grant_type: 'anonymous', username: '@a' }), 200)
  await expectProblem(await change(visitor.access_token, { current: 'anything', password: next }), 403, 'wrongPassword')
})

it('nobody changes it without a token', async () => {
  await expectProblem(
    await call('/sapi/users/me/password', { method: 'PUT', json: { current: 'x', password: next } }),
    401,
    'unauthenticated',
  )
})
