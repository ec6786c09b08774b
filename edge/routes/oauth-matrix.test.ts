import { beforeAll, describe, expect, it } from 'vitest'
import { oauthPaths } from '#edge/docs/oauth-paths.ts'
import { call, type Call, createDomain, createUser, expectJson, login, startAnew, userPassword } from './testing/api.ts'
import { tokenLike } from './testing/matrix/world.ts'
import { authorizeUrl, registerClient, type TestClient } from './testing/oauth.ts'

/**
 * The operations of OAuth as every caller, as caller-matrix.test.ts has those of the tables. What the document
 * says of their security decides who is refused; the row says what the others are answered.
 */
interface Caller {
  readonly who: 'the rightful caller' | 'nobody' | 'an expired token' | 'a lesser role' | 'another tenant'
  readonly token: string | undefined
}

interface Row {
  readonly request: () => Promise<{ path: string } & Call> | ({ path: string } & Call)
  /** Of whoever is let in. */
  readonly status: number
  /** What the answer says to whoever is let in, where callers differ. */
  readonly says?: (who: Caller['who'], text: string) => void
}

let callers: readonly Caller[]
let subject: string
let client: TestClient

const expectActive = (who: Caller['who'], text: string) =>
  expect({ who, ...JSON.parse(text) }).toMatchObject({ who, active: who === 'the rightful caller' })

const rows: Readonly<Record<string, Row>> = {
  getToken: {
    request: () => ({ path: '/sapi/o/token', form: { grant_type: 'password', username: 'alice@a', password: userPassword } }),
    status: 200,
  },
  // RFC 7009 §2.2: what is no token of ours is revoked already.
  revokeToken: { request: () => ({ path: '/sapi/o/revoke', form: { token: 'none-of-ours' } }), status: 200 },
  introspectToken: { request: () => ({ path: '/sapi/o/introspect', form: { token: subject } }), status: 200, says: expectActive },
  getUserInfo: {
    request: () => ({ path: '/sapi/o/userinfo' }),
    status: 200,
    says: (who, text) => expect(text.includes(`@${who === 'another tenant' ? 'b' : 'a'}"`)).toBe(true),
  },
  authorize: { request: async () => ({ path: await authorizeUrl(client) }), status: 200 },
  logOut: { request: () => ({ path: '/sapi/o/logout' }), status: 200 },
  listFederatedProviders: { request: () => ({ path: '/sapi/o/federated?domain=a' }), status: 200 },
  // A provider that nobody has: a success would go out to another server, as it does in federation.test.ts.
  startFederatedLogin: { request: () => ({ path: '/sapi/o/federated/nobody?domain=a&return_to=/' }), status: 404 },
}

const documented = Object.values(oauthPaths()).flatMap((path) =>
  Object.values(path ?? {}).flatMap((operation: unknown) => {
    if (typeof operation !== 'object' || operation === null || !('operationId' in operation) || !('security' in operation)) return []
    return [{ id: String(operation.operationId), security: JSON.stringify(operation.security) }]
  }),
)

beforeAll(async () => {
  await startAnew()
  const [a, b] = [await createDomain('a'), await createDomain('b')]
  await createUser('a', 'alice')
  const boss = await createUser('a', 'boss', { role: 'admin' })
  const other = await createUser('a', 'other')
  const foreign = await createUser('b', 'chief', { role: 'admin' })
  client = await registerClient()
  subject = (await login('alice@a', userPassword)).access_token
  const tokenOf = (
    user: { id: string },
    domain: { id: string },
    options: { role: 'admin' | 'user'; username: string; lifetime?: number },
  ) => tokenLike({ id: user.id, username: options.username }, domain, options)
  callers = [
    { who: 'the rightful caller', token: await tokenOf(boss, a, { role: 'admin', username: 'boss@a' }) },
    { who: 'nobody', token: undefined },
    { who: 'an expired token', token: await tokenOf(boss, a, { role: 'admin', username: 'boss@a', lifetime: -10 }) },
    { who: 'a lesser role', token: await tokenOf(other, a, { role: 'user', username: 'other@a' }) },
    { who: 'another tenant', token: await tokenOf(foreign, b, { role: 'admin', username: 'chief@b' }) },
  ]
}, 60_000)

it('each operation that the document has is tried', () => {
  expect(Object.keys(rows).toSorted()).toEqual(documented.map(({ id }) => id).toSorted())
})

describe.each(documented)('$id', ({ id, security }) => {
  it('is for whom the document says', async () => {
    const row = rows[id]
    if (row === undefined) throw new TypeError(`No row for ${id}`)
    const isOpen = security === '[]' || security.includes('{}')
    for (const { who, token } of callers) {
      const { path, ...request } = await row.request()
      const response = await call(path, { ...request, token })
      const text = await response.text()
      const isRefused = !isOpen && (who === 'nobody' || who === 'an expired token')
      expect({ who, status: response.status, text: isRefused ? '' : text }).toMatchObject({ who, status: isRefused ? 401 : row.status })
      if (isRefused) expect(response.headers.get('www-authenticate')).not.toBeNull()
      else row.says?.(who, text)
    }
  })
})

it('a token is told of by nothing that its inquirer may not know', async () => {
  const foreign = callers.find(({ who }) => who === 'another tenant')
  const answer = await call('/sapi/o/introspect', { form: { token: subject }, token: foreign?.token })
  expect(await expectJson(answer, 200)).toEqual({ active: false })
})
