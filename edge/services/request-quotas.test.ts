import { evictDurableObject } from 'cloudflare:test'
import { beforeEach, describe, expect, it } from 'vitest'
import { AppError } from '#shared/errors/AppError.ts'
import { quotaName } from '#edge/domain/object-names.ts'
import { windowLength } from '#edge/domain/quotas/request-lease.ts'
import { call, createDomain, createUser, env, expectProblem, startAnew, tokenOf } from '#edge/routes/testing/api.ts'
import { forgetQuotas, spendRequest } from './request-quotas.ts'

/** OPS-1, with the real object. Domains are new each time, so that nothing has been counted against them. */

beforeEach(startAnew)

/** Late in a window, waits for the next: what a test counts lies in one. */
async function inOneWindow(): Promise<void> {
  const left = windowLength - (Date.now() % windowLength)
  if (left < 4_000) await new Promise((resolve) => setTimeout(resolve, left + 20))
}

async function spend(domainId: string, times: number): Promise<number> {
  let passed = 0
  for (let index = 0; index < times; index++) {
    try {
      await spendRequest(env, { domainId })
      passed++
    } catch (thrown) {
      expect(AppError.from(thrown).code).toBe('rateLimited')
    }
  }
  return passed
}

const limited = (requestsPer10s: number) => ({ settings: { quotas: { requestsPer10s } } })

describe('a quota of requests', () => {
  it('lets exactly so many through in a window, over all isolates and restarts of the object', async () => {
    const { id } = await createDomain('a', limited(30))
    await inOneWindow()
    let passed = 0
    for (let isolate = 0; isolate < 5; isolate++) {
      passed += await spend(id, 9)
      forgetQuotas()
      await evictDurableObject(env.QUOTA.getByName(quotaName(id)))
    }
    passed += await spend(id, 40)
    expect(passed).toBeLessThanOrEqual(30)
    // What the isolates that are gone had been granted is lost with them: at most a block each.
    expect(passed).toBeGreaterThanOrEqual(30 - 5 * 2)
  })

  it('asks the object for few of them', async () => {
    const { id } = await createDomain('a', limited(400))
    await inOneWindow()
    let asked = 0
    const counting = {
      getByName: (name: string) => {
        asked++
        return env.QUOTA.getByName(name)
      },
    }
    for (let index = 0; index < 200; index++)
      await spendRequest({ ...env, QUOTA: counting as unknown as typeof env.QUOTA }, { domainId: id })
    expect(asked).toBe(10)
  })

  it('is shared by all domains under the one that sets it', async () => {
    const { id } = await createDomain('a', limited(10))
    const { id: under } = await createDomain('under', { parent: 'a', ...limited(100) })
    await inOneWindow()
    expect(await spend(under, 6)).toBe(6)
    expect(await spend(id, 6)).toBe(4)
    expect(await spend(under, 1)).toBe(0)
  })

  it('answers 429 and when to come back, on the API and at the door of signaling, and leaves other tenants alone', async () => {
    await createDomain('a', limited(3))
    await createDomain('b')
    for (const domain of ['a', 'b']) await createUser(domain, 'alice')
    const [a, b] = [await tokenOf('alice@a'), await tokenOf('alice@b')]
    await inOneWindow()
    for (let index = 0; index < 3; index++) expect((await call('/sapi/users/me', { token: a })).status).toBe(200)
    const refused = await call('/sapi/users/me', { token: a })
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
    expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(10)
    await expectProblem(refused, 429, 'rateLimited')
    const hub = await call('/wapi/hub', { headers: { upgrade: 'websocket', 'sec-websocket-protocol': `ringway.v1, bearer.${a}` } })
    await expectProblem(hub, 429, 'rateLimited')
    expect((await call('/sapi/users/me', { token: b })).status).toBe(200)
  })

  it('refuses where the count cannot be known', async () => {
    const { id } = await createDomain('a', limited(3))
    const broken = { getByName: () => ({ lease: () => Promise.reject(new Error('gone')) }) }
    await expect(spendRequest({ ...env, QUOTA: broken as unknown as typeof env.QUOTA }, { domainId: id })).rejects.toMatchObject({
      code: 'unavailable',
    })
  })
})
