import { beforeEach, expect, it } from 'vitest'
import { call, createDomain, createUser, expectDead, expectJson, expectProblem, startAnew, tokenOf } from './testing/api.ts'
import { Browser } from './testing/browser.ts'
import { authorizeUrl, codeFor, exchange, registerClient, type TestClient, tokensFor } from './testing/oauth.ts'

let client: TestClient

beforeEach(async () => {
  await startAnew()
  await createDomain('a')
  await createUser('a', 'alice')
  await createUser('a', 'carol')
  client = await registerClient()
})

const consentsOf = async (username: string) =>
  expectJson<{ id: string }[]>(await call('/sapi/consents', { token: await tokenOf(username) }), 200)
const withdraw = async (username: string, id: string) => call(`/sapi/consents/${id}`, { method: 'DELETE', token: await tokenOf(username) })

it('are the user’s own, with what was agreed to at any time', async () => {
  await tokensFor(client, { parameters: { scope: 'openid' } })
  await tokensFor(client, { parameters: { scope: 'wapi' } })
  const granted = expect.any(Number)
  expect(await consentsOf('alice@a')).toEqual([{ id: client.clientId, name: 'Board', scope: ['openid', 'wapi'], granted }])
  expect(await consentsOf('carol@a')).toEqual([])
})

it('withdrawn, end the client’s logins of this user, and it is asked again', async () => {
  const browser = new Browser()
  const tokens = await tokensFor(client, { browser })
  const others = await tokensFor(client, { username: 'carol@a' })
  const own = await tokenOf('alice@a')
  expect((await withdraw('alice@a', client.clientId)).status).toBe(204)
  await expectDead({ access_token: tokens.access_token })
  for (const token of [others.access_token, own]) expect((await call('/sapi/users/me', { token })).status).toBe(200)
  expect((await browser.open(await authorizeUrl(client, { prompt: 'none' }))).answer).toMatchObject({ error: 'consent_required' })
  expect(await consentsOf('alice@a')).toEqual([])
  await expectProblem(await withdraw('alice@a', client.clientId), 404, 'notFound')
})

it('of a trusted client were never asked for, and its logins end as well', async () => {
  const own = await registerClient({ trusted: true })
  const { access_token } = await expectJson<{ access_token: string }>(await exchange(own, await codeFor(own)), 200)
  expect(await consentsOf('alice@a')).toEqual([])
  expect((await withdraw('alice@a', own.clientId)).status).toBe(204)
  await expectDead({ access_token })
})
