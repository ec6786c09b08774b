import { evictDurableObject } from 'cloudflare:test'
import { beforeEach, describe, expect, it } from 'vitest'
import { Webhook as Verifier } from 'standardwebhooks'
import { newWebhookSecret } from '#edge/auth/webhook-signature.ts'
import { newId } from '#shared/ids/ids.ts'
import { maxTries, pauseAfter } from '#edge/domain/webhooks/retry-schedule.ts'
import { secretNameOf, webhookSecrets } from '#edge/services/hook-config.ts'
import { bench, resetBench } from './webhook/fixture/bench.ts'
import { edge, numbersByStream, TestEndpoint } from './webhook/fixture/endpoints.ts'

beforeEach(resetBench)

const day = 24 * 3_600_000

describe('an endpoint', () => {
  it('sends what it accepts, signed by the specification, in order per room', async () => {
    const endpoint = await TestEndpoint.create()
    await endpoint.stub.accept([endpoint.next('a'), endpoint.next('b'), endpoint.next('a')])
    await endpoint.stub.accept([endpoint.next('a'), endpoint.next('b')])
    await expect.poll(async () => (await endpoint.taken()).length).toBe(5)
    expect(numbersByStream(await endpoint.taken())).toEqual({ 'room:a': [1, 2, 3], 'room:b': [1, 2] })
    const [first] = await endpoint.reached()
    expect(() => new Verifier(endpoint.secret).verify(first?.body ?? '', { ...first?.headers })).not.toThrow()
    expect(first?.headers).toMatchObject({ 'content-type': 'application/json', 'user-agent': 'Ringway-Webhooks/1' })
    expect(first?.headers['webhook-id']).toBe(JSON.parse(first?.body ?? '').id)
    expect(await endpoint.stub.status()).toMatchObject({ breaker: 'closed', waiting: 0, dead: 0 })
  })

  it('takes an event once, however often it is told', async () => {
    const endpoint = await TestEndpoint.create()
    const events = [endpoint.next('a'), endpoint.next('a')]
    await Promise.all([endpoint.stub.accept(events), endpoint.stub.accept(events)])
    await expect.poll(async () => (await endpoint.taken()).length).toBe(2)
    await endpoint.stub.accept(events)
    await endpoint.stub.accept([endpoint.next('a')])
    await expect.poll(async () => (await endpoint.taken()).length).toBe(3)
    expect(numbersByStream(await endpoint.taken())).toEqual({ 'room:a': [1, 2, 3] })
  })

  it('tries again in order what its consumer did not take, through evictions', async () => {
    const endpoint = await TestEndpoint.create({ kind: 'answers', status: 500, body: 'out of order' })
    await endpoint.stub.accept([endpoint.next('a'), endpoint.next('a')])
    await expect.poll(async () => (await endpoint.attempts()).length).toBe(1)
    await evictDurableObject(endpoint.stub)
    await endpoint.behave({ kind: 'takes' })
    bench.ahead = 10_000
    await endpoint.alarm()
    await expect.poll(async () => numbersByStream(await endpoint.taken())).toEqual({ 'room:a': [1, 2] })
    const deliveries = await endpoint.attempts()
    expect(deliveries.map(({ attempt, status, error, response }) => ({ attempt, status, error, response }))).toEqual([
      { attempt: 1, status: 200, error: null, response: 'ok' },
      { attempt: 2, status: 200, error: null, response: 'ok' },
      { attempt: 1, status: 500, error: null, response: 'out of order' },
    ])
  })

  it.each([
    ['redirects', { kind: 'redirects' }, { status: 307, error: 'redirected' }],
    ['resets connections', { kind: 'resets' }, { status: null, error: 'connectionFailed' }],
    ['answers nothing useful', { kind: 'answers', status: 404 }, { status: 404, error: null }],
  ] as const)('counts an attempt as failed where the consumer %s', async (_, behaviour, logged) => {
    const endpoint = await TestEndpoint.create(behaviour)
    await endpoint.stub.accept([endpoint.next('a')])
    await expect.poll(async () => (await endpoint.attempts())[0]).toMatchObject(logged)
    expect(await endpoint.stub.status()).toMatchObject({ waiting: 1 })
    expect(await endpoint.reached()).toHaveLength(1)
  })

  it('reads little of an answer that never ends', async () => {
    const endpoint = await TestEndpoint.create({ kind: 'endless' })
    await endpoint.stub.accept([endpoint.next('a')])
    await expect.poll(async () => endpoint.stub.status()).toMatchObject({ waiting: 0 })
    const [delivery] = await endpoint.attempts()
    expect(delivery).toMatchObject({ status: 200, error: null })
    expect(delivery?.response?.length).toBeLessThanOrEqual(1024)
    expect(delivery?.duration).toBeLessThan(3_000)
  })

  it('waits as long as its consumer asks', async () => {
    const endpoint = await TestEndpoint.create({ kind: 'answers', status: 429, headers: { 'retry-after': '600' } })
    await endpoint.stub.accept([endpoint.next('a')])
    await expect.poll(() => endpoint.stub.status()).toMatchObject({ breaker: 'open' })
    await endpoint.behave({ kind: 'takes' })
    bench.ahead = 590_000
    await endpoint.stub.accept([endpoint.next('b')])
    await endpoint.alarm()
    expect(await endpoint.reached()).toHaveLength(1)
    bench.ahead = 601_000
    await endpoint.alarm()
    await expect.poll(async () => (await endpoint.taken()).length).toBe(2)
    expect(await endpoint.stub.status()).toMatchObject({ breaker: 'closed', openUntil: null })
  })

  it('opens its circuit breaker after five failures, tries once when its time is over, and lets all go when that succeeds', async () => {
    const endpoint = await TestEndpoint.create({ kind: 'resets' })
    await endpoint.stub.accept(Array.from({ length: 20 }, (_, n) => endpoint.next(String(n))))
    await expect.poll(() => endpoint.stub.status()).toMatchObject({ breaker: 'open', waiting: 20 })
    const before = (await endpoint.reached()).length
    expect(before).toBeLessThanOrEqual(8)
    bench.ahead = 16_000
    await endpoint.alarm()
    await expect.poll(async () => (await endpoint.reached()).length).toBe(before + 1)
    await expect.poll(() => endpoint.stub.status()).toMatchObject({ breaker: 'open' })
    await endpoint.behave({ kind: 'takes' })
    bench.ahead = 60_000
    await endpoint.alarm()
    await expect.poll(async () => (await endpoint.taken()).length).toBe(20)
    expect(await endpoint.stub.status()).toMatchObject({ breaker: 'closed', waiting: 0 })
  })

  it('is disabled by 410, logs on, and sends what waits once an admin has enabled it', async () => {
    const endpoint = await TestEndpoint.create({ kind: 'answers', status: 410 })
    await endpoint.stub.accept([endpoint.next('a')])
    await expect.poll(async () => (await endpoint.stub.status()).goneSince).not.toBeNull()
    await expect.poll(async () => (await endpoint.alarm(), await endpoint.row())).toEqual({ enabled: 0 })
    await endpoint.behave({ kind: 'takes' })
    await endpoint.stub.accept([endpoint.next('a'), endpoint.next('b')])
    bench.ahead = 3_600_000
    await endpoint.alarm()
    expect(await endpoint.taken()).toEqual([])
    await edge.DB.prepare('update webhooks set enabled = 1 where id = ?').bind(endpoint.id).run()
    await endpoint.stub.enable()
    await expect.poll(async () => numbersByStream(await endpoint.taken())).toEqual({ 'room:a': [1, 2], 'room:b': [1] })
  })

  it('gives an event up after three days, and sends it again when asked to, under its own id', async () => {
    const endpoint = await TestEndpoint.create({ kind: 'answers', status: 500 })
    await endpoint.stub.accept([endpoint.next('a')])
    await expect.poll(async () => (await endpoint.attempts()).length).toBe(1)
    for (let tries = 1; tries < maxTries; tries++) {
      // The circuit breaker is open for five minutes at most.
      bench.ahead += Math.max(pauseAfter(tries, () => 1) ?? 0, 300_000)
      await endpoint.alarm()
      await expect.poll(async () => (await endpoint.attempts()).length).toBe(tries + 1)
    }
    bench.ahead += day
    await endpoint.alarm()
    expect(await endpoint.attempts()).toHaveLength(maxTries)
    expect(await endpoint.stub.status()).toMatchObject({ waiting: 0, dead: 1 })
    await endpoint.behave({ kind: 'takes' })
    expect(await endpoint.stub.replay(0)).toBe(1)
    await expect.poll(async () => (await endpoint.taken()).length).toBe(1)
    expect(new Set((await endpoint.reached()).map(({ headers }) => headers['webhook-id'])).size).toBe(1)
    expect(await endpoint.stub.status()).toMatchObject({ waiting: 0, dead: 0 })
  })

  it('replays what it has logged behind a position, in order, for seven days', async () => {
    const endpoint = await TestEndpoint.create()
    await endpoint.stub.accept([endpoint.next('a'), endpoint.next('a'), endpoint.next('a')])
    await expect.poll(async () => (await endpoint.taken()).length).toBe(3)
    const [first] = await endpoint.stub.events({ after: 0, limit: 10 })
    expect(await endpoint.stub.replay(first?.position ?? 0)).toBe(2)
    await expect.poll(async () => numbersByStream(await endpoint.taken())).toEqual({ 'room:a': [1, 2, 3, 2, 3] })
    bench.ahead = 8 * day
    await endpoint.alarm()
    expect(await endpoint.stub.events({ after: 0, limit: 10 })).toEqual([])
    expect(await endpoint.stub.replay(0)).toBe(0)
  })

  it('signs with both secrets while they are exchanged', async () => {
    const previous = newWebhookSecret()
    const endpoint = await TestEndpoint.create()
    const sealed = await (await webhookSecrets(edge)).seal(previous, secretNameOf(endpoint.id))
    const exchange = edge.DB.prepare('update webhooks set previous_secret = ?, previous_until = ? where id = ?')
    await exchange.bind(sealed, Date.now() + 60_000, endpoint.id).run()
    await endpoint.stub.accept([endpoint.next('a')])
    await expect.poll(async () => (await endpoint.reached()).length).toBe(1)
    const [request] = await endpoint.reached()
    for (const secret of [previous, endpoint.secret])
      expect(() => new Verifier(secret).verify(request?.body ?? '', { ...request?.headers })).not.toThrow()
    bench.ahead = 61_000
    await endpoint.stub.accept([endpoint.next('a')])
    await expect.poll(async () => (await endpoint.reached()).length).toBe(2)
    const later = (await endpoint.reached())[1]
    expect(later?.headers['webhook-signature']?.split(' ')).toHaveLength(1)
  })

  it('leaves nothing behind once it is deleted', async () => {
    const endpoint = await TestEndpoint.create({ kind: 'resets' })
    await endpoint.stub.accept([endpoint.next('a')])
    await edge.DB.prepare('delete from webhooks where id = ?').bind(endpoint.id).run()
    await endpoint.stub.deleted()
    await expect.poll(async () => (await endpoint.alarm(), (await endpoint.stub.events({ after: 0, limit: 1 })).length)).toBe(0)
    expect(await endpoint.stub.status()).toMatchObject({ waiting: 0 })
  })
})

describe('a SIP registrar', () => {
  it('is asked to register a user who has a SIP identity, again until it has, and to unregister it', async () => {
    const endpoint = await TestEndpoint.create({ kind: 'answers', status: 500 }, { kind: 'sipRegistrar' })
    const { userId } = await endpoint.userWithSipIdentity('sip-bob', 'sip secret')
    await endpoint.stub.accept([endpoint.presence('user.online', userId)])
    await expect.poll(async () => (await endpoint.attempts()).length).toBe(1)
    await endpoint.behave({ kind: 'takes' })
    bench.ahead = 5_000
    await endpoint.stub.accept([endpoint.presence('user.online', newId()), endpoint.presence('user.offline', userId)])
    await endpoint.alarm()
    await expect.poll(() => endpoint.stub.status()).toMatchObject({ waiting: 0 })
    const credential = { username: 'sip-bob', password: 'sip secret' }
    expect((await endpoint.reached()).map(({ path, body, taken }) => ({ path, taken, ...JSON.parse(body) }))).toMatchObject([
      { path: 'register', action: 'register', taken: false, credential },
      { path: 'register', action: 'register', taken: true, credential },
      { path: 'unregister', action: 'unregister', taken: true, credential },
    ])
    expect((await endpoint.attempts()).map(({ error }) => error)).toContain('notMapped')
  })
})
