import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { AppError } from '#shared/errors/AppError.ts'
import { toProblem } from '#shared/errors/error-body.ts'
import { silentLogger } from '../testing/sockets.ts'
import { type RestAnswer, TestServer } from '../testing/TestServer.ts'
import { memoryStorage } from './Memory.ts'
import { RestClient } from './RestClient.ts'
import { TokenKeeper } from './TokenKeeper.ts'

/** Rotates refresh tokens as the real server does: one that comes twice ends the login. */
class TokenServer {
  readonly asked: Record<string, unknown>[] = []
  issued = 0
  ended = false
  /** How long an answer takes, in milliseconds. */
  delay = 0
  failure: RestAnswer | 'lost' | undefined
  readonly #used = new Set<unknown>()

  readonly rest = async ({ path, body }: { path: string; body: string }): Promise<RestAnswer | undefined> => {
    const request = JSON.parse(body) as Record<string, unknown>
    this.asked.push({ path, ...request })
    if (path !== '/sapi/o/token') return { body: {} }
    await new Promise((resolve) => setTimeout(resolve, this.delay))
    const { failure } = this
    this.failure = undefined
    if (failure === 'lost') throw new Error('lost')
    if (failure !== undefined) return failure
    const token = request['refresh_token']
    if (token !== undefined && (this.#used.has(token) || this.ended)) {
      this.ended = true
      return refusal('invalidGrant')
    }
    this.#used.add(token)
    this.issued += 1
    return {
      body: { access_token: `access-${this.issued}`, refresh_token: `refresh-${this.issued}`, token_type: 'Bearer', expires_in: 100 },
    }
  }
}

const refusal = (code: 'invalidGrant' | 'unavailable'): RestAnswer => {
  const error = new AppError(code)
  return { status: error.status, body: toProblem(error) }
}

let http: TestServer
let tokens: TokenServer
let now = 0
const clock = { now: () => now }
const password = { grantType: 'password', username: 'alice', password: 'secret' } as const

beforeEach(async () => {
  now = 1_000_000
  http = await TestServer.start()
  tokens = new TokenServer()
  http.rest = tokens.rest
})

afterEach(() => http.close())

function keeper(storage = memoryStorage(), lockName: string | null = null): TokenKeeper {
  const rest = new RestClient({ url: http.url, fetch: globalThis.fetch })
  return new TokenKeeper({ rest, storage, key: 'tokens', lockName, clock, logger: silentLogger })
}

describe('an access token', () => {
  test('is used until shortly before it expires, then renewed by whoever asks first, for all', async () => {
    const mine = keeper()
    await mine.login(password)
    expect(tokens.asked).toEqual([{ path: '/sapi/o/token', grant_type: 'password', username: 'alice', password: 'secret' }])
    now += 89_000
    expect(await mine.accessToken()).toBe('access-1')
    now += 2_000
    expect(await Promise.all([mine.accessToken(), mine.accessToken(), mine.accessToken()])).toEqual(['access-2', 'access-2', 'access-2'])
    expect(tokens.issued).toBe(2)
  })

  test('is to be replaced well before it expires', async () => {
    const mine = keeper()
    expect(mine.renewIn()).toBeNull()
    await mine.login(password)
    expect(mine.renewIn()).toBeCloseTo(66_667, -1)
    now += 80_000
    expect(mine.renewIn()).toBe(0)
  })

  test('that the server refused is renewed, but not twice for two who were refused with it', async () => {
    const mine = keeper()
    await mine.login(password)
    expect(await mine.accessToken({ refused: 'access-1' })).toBe('access-2')
    expect(await mine.accessToken({ refused: 'access-1' })).toBe('access-2')
    expect(tokens.issued).toBe(2)
  })
})

describe('a rotated refresh token', () => {
  test('is used once by two tabs that share a storage', async () => {
    const storage = memoryStorage()
    const first = keeper(storage, 'tabs')
    await first.login(password)
    const second = keeper(storage, 'tabs')
    expect(second.restore()).toBe(true)
    now += 95_000
    tokens.delay = 20
    expect(await Promise.all([first.accessToken(), second.accessToken()])).toEqual(['access-2', 'access-2'])
    expect(tokens.issued).toBe(2)
    now += 95_000
    expect(await second.accessToken()).toBe('access-3')
    expect(await first.accessToken()).toBe('access-3')
    expect(tokens.ended).toBe(false)
  })

  test('is not presented again by a page that comes after one that died while refreshing', async () => {
    const storage = memoryStorage()
    const dying = keeper(storage)
    await dying.login(password)
    // The server rotates, and the page is gone before the answer.
    tokens.delay = 40
    void dying.accessToken({ refused: 'access-1' }).catch(() => undefined)
    await http.until(() => tokens.asked.length === 2)
    const copy = memoryStorage()
    copy.setItem('tokens', storage.getItem('tokens') ?? '')
    const heir = keeper(copy)
    expect(heir.restore()).toBe(true)
    expect(await heir.accessToken()).toBe('access-1')
    expect(heir.renewIn()).toBeNull()
    now += 95_000
    await expect(heir.accessToken()).rejects.toMatchObject({ code: 'unauthenticated', retryable: false })
    expect(tokens.asked).toHaveLength(2)
    expect(tokens.ended).toBe(false)
    expect(keeper(copy).restore()).toBe(false)
  })

  test('is presented again by the page that did not reach the server', async () => {
    const mine = keeper()
    await mine.login(password)
    tokens.failure = refusal('unavailable')
    await expect(mine.accessToken({ refused: 'access-1' })).rejects.toMatchObject({ code: 'unavailable', retryable: true })
    expect(await mine.accessToken({ refused: 'access-1' })).toBe('access-2')
  })

  test('that the server would not take ends the login, here and in the storage', async () => {
    const storage = memoryStorage()
    const mine = keeper(storage)
    await mine.login(password)
    tokens.ended = true
    await expect(mine.accessToken({ refused: 'access-1' })).rejects.toMatchObject({ code: 'unauthenticated', status: 401 })
    await expect(mine.accessToken()).rejects.toMatchObject({ code: 'signedOut' })
    expect(storage.getItem('tokens')).toBeNull()
  })
})

describe('grants', () => {
  test('of clients, which get no refresh token, are asked for again', async () => {
    http.rest = async (request) => {
      const answer = await tokens.rest(request)
      return { ...answer, body: { ...(answer?.body as object), refresh_token: undefined } }
    }
    const mine = keeper()
    await mine.login({ grantType: 'client_credentials', clientId: 'bot', clientSecret: 'secret' })
    now += 95_000
    expect(await mine.accessToken()).toBe('access-2')
    expect(tokens.asked.at(-1)).toMatchObject({ grant_type: 'client_credentials', client_id: 'bot', client_secret: 'secret' })
  })

  test('of visitors name the domain as the server expects it', async () => {
    const mine = keeper()
    await mine.login({ grantType: 'anonymous', domain: 'acme' })
    await mine.login({ grantType: 'anonymous' })
    expect(tokens.asked).toMatchObject([{ grant_type: 'anonymous', username: '@acme' }, { grant_type: 'anonymous' }])
    expect(tokens.asked[1]).not.toHaveProperty('username')
  })

  test('that are wrong are refused with the server’s code', async () => {
    tokens.failure = refusal('invalidGrant')
    await expect(keeper().login(password)).rejects.toMatchObject({ code: 'invalidGrant', status: 400 })
  })
})

test('what another version stored, or nobody, is no login', () => {
  for (const stored of ['{', 'null', '{"accessToken":1}']) {
    const storage = memoryStorage()
    storage.setItem('tokens', stored)
    expect(keeper(storage).restore()).toBe(false)
  }
  expect(keeper().restore()).toBe(false)
})

test('revoking tells the server and forgets, reachable or not', async () => {
  const storage = memoryStorage()
  const mine = keeper(storage)
  await mine.login(password)
  await mine.revoke()
  expect(tokens.asked.at(-1)).toMatchObject({ path: '/sapi/o/revoke', token: 'refresh-1' })
  expect(storage.getItem('tokens')).toBeNull()
  const other = keeper(storage)
  await other.login(password)
  await http.close()
  await other.revoke()
  expect(storage.getItem('tokens')).toBeNull()
  http = await TestServer.start()
})
