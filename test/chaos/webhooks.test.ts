import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { HookConsumer } from '#edge/objects/webhook/fixture/HookConsumer.ts'
import { callRecordSchema } from '#shared/protocol/sapi/call-record.ts'
import { RingwayClient } from '#shared/sdk/index.ts'
import { Rest } from '#test/support/Rest.ts'
import { type Stack, startStack } from '#test/support/stack.ts'
import { TestHook, upTo } from '#test/support/webhooks.ts'

/** Webhooks of a whole Ringway whose consumers, or whose edge, fail (HOOK-1). Calls are the SDK's, without media. */

let stack: Stack
let consumer: HookConsumer
let rest: Rest

beforeAll(async () => {
  stack = await startStack({ env: { RINGWAY_ALLOW_LOOPBACK_URLS: '1' } })
  consumer = await HookConsumer.start()
  rest = await Rest.signIn(stack.url, { username: stack.admin.account, password: stack.admin.password })
})

afterAll(async () => {
  await stack?.stop()
  await consumer?.close()
})

async function signedIn(username: string): Promise<RingwayClient> {
  const client = new RingwayClient({ url: stack.url })
  await client.login({ grantType: 'password', username, password: 'ringway-demo' })
  client.on('incoming', (incoming) => {
    void incoming.accept({ audio: false }).catch(() => undefined)
  })
  return client
}

async function callOnce(from: RingwayClient, to: string): Promise<void> {
  const call = await from.call({ to, audio: false })
  await expect.poll(() => call.participants.size, { timeout: 60_000 }).toBe(2)
  await call.leave()
  await expect.poll(() => from.calls.size, { timeout: 60_000 }).toBe(0)
}

/** Calls of the domain that have ended, by the ledger. */
async function recordedCalls(): Promise<string[]> {
  const month = new Date().toISOString().slice(0, 7)
  const records = z.array(callRecordSchema).parse(await rest.send('GET', `/sapi/cdrs?month=${month}&limit=200`))
  return records.map(({ callId }) => `room:${callId}`).toSorted()
}

test('consumers that are down, slow, flapping or lying lose nothing, and delay nobody else', async () => {
  const refusing = await HookConsumer.start()
  await refusing.close()
  const healthy = await TestHook.create(rest, consumer, { name: 'healthy' })
  const hangs = await TestHook.create(rest, consumer, { name: 'hangs', behaviour: { kind: 'slow', ms: 600_000 } })
  const late = [
    await TestHook.create(rest, consumer, { name: 'resets', behaviour: { kind: 'resets' } }),
    await TestHook.create(rest, consumer, { name: 'slow', behaviour: { kind: 'slow', ms: 3_000 } }),
    hangs,
    await TestHook.create(rest, consumer, { name: 'flaps', behaviour: { kind: 'flaps', every: 3 } }),
    await TestHook.create(rest, consumer, { name: 'fails', behaviour: { kind: 'answers', status: 500, body: 'no' } }),
    await TestHook.create(rest, consumer, { name: 'redirects', behaviour: { kind: 'redirects' } }),
    await TestHook.create(rest, consumer, { name: 'gone', behaviour: { kind: 'answers', status: 410 } }),
    await TestHook.create(rest, consumer, { name: 'sleepy', behaviour: { kind: 'answers', status: 503, headers: { 'retry-after': '5' } } }),
  ]
  const odd = [
    await TestHook.create(rest, consumer, { name: 'endless', behaviour: { kind: 'endless' } }),
    await TestHook.create(rest, consumer, { name: 'garbage', behaviour: { kind: 'answers', status: 200, body: '\u0000<!-- {]' } }),
  ]
  // Nobody listens at the first; the other speaks no TLS.
  const unreachable = [
    await TestHook.create(rest, consumer, { name: 'closed', url: refusing.url('closed') }),
    await TestHook.create(rest, consumer, { name: 'noTls', url: consumer.url('noTls').replace('http:', 'https:') }),
  ]
  const [alice, bob] = [await signedIn('alice'), await signedIn('bob')]
  for (let n = 0; n < 6; n++) await callOnce(alice, 'bob')
  const calls = await expectRecorded(6)

  // It has all of them while the one that hangs, and would have held up a queue of all, is at its first.
  await expect.poll(() => finished(healthy), { timeout: 10_000 }).toEqual(calls)
  expect(await hangs.deliveries()).toEqual([])
  const delays = healthy.events.map(({ at, timestamp }) => at - Date.parse(timestamp)).toSorted((a, b) => a - b)
  console.log(`healthy beside 12 others: ${delays.length} events, delay p50 ${delays[delays.length >> 1]} ms, worst ${delays.at(-1)} ms`)
  for (const hook of odd) await expect.poll(() => finished(hook), { timeout: 30_000 }).toEqual(calls)
  for (const hook of unreachable) expect((await hook.status()).waiting).toBe(healthy.events.length)

  for (const hook of late) {
    hook.behave({ kind: 'takes' })
    // The others come back by themselves.
    if (['gone', 'fails', 'redirects', 'hangs'].includes(hook.name)) await hook.enable()
  }
  for (const hook of late) {
    await expect.poll(() => finished(hook), { timeout: 120_000, interval: 500 }).toEqual(calls)
    await expect.poll(() => hook.events.length, { timeout: 30_000 }).toBe(healthy.events.length)
  }
  for (const hook of [healthy, ...late, ...odd]) {
    for (const numbers of Object.values(hook.rooms)) expect(numbers, hook.name).toEqual(upTo(numbers.length))
    expect(hook.rooms, hook.name).toEqual(healthy.rooms)
  }
  for (const { id } of [...late, ...odd, ...unreachable]) await rest.send('DELETE', `/sapi/webhooks/${id}`)
  await Promise.all([alice.logout(), bob.logout()])
  await expect.poll(() => healthy.events.filter(({ type }) => type === 'user.offline').length, { timeout: 20_000 }).toBe(2)
  await rest.send('DELETE', `/sapi/webhooks/${healthy.id}`)
}, 300_000)

test('an edge that is killed again and again, during calls, loses no event and breaks no order', async () => {
  const before = (await recordedCalls()).length
  const hook = await TestHook.create(rest, consumer, { name: 'through-kills', behaviour: { kind: 'flaps', every: 2 } })
  const [carol, dave] = [await signedIn('carol'), await signedIn('dave')]
  const rounds = 5
  for (let round = 0; round < rounds; round++) {
    // At another moment each time: while it rings, is accepted, ends, and between the writes and what follows them.
    const calling = callOnce(carol, 'dave').catch((error: unknown) => error)
    await sleep(round * 37)
    stack.killEdge()
    await stack.untilReady()
    const failed = await calling
    if (failed !== undefined) console.log(`round ${round}: the call failed: ${String(failed)}`)
    await Promise.all([...carol.calls.values()].map((call) => call.leave()))
    await expect.poll(() => carol.calls.size + dave.calls.size, { timeout: 60_000 }).toBe(0)
  }
  await callOnce(carol, 'dave')
  await expect.poll(async () => (await recordedCalls()).length, { timeout: 90_000 }).toBeGreaterThan(before)
  hook.behave({ kind: 'takes' })
  // Each room that was ever told of has ended and said so; each that the ledger knows of was told of.
  await expect
    .poll(async () => ({ unfinished: unfinished(hook), missing: (await recordedSince(before)).filter((call) => !(call in hook.rooms)) }), {
      timeout: 150_000,
      interval: 1_000,
    })
    .toEqual({ unfinished: [], missing: [] })
  await expect.poll(async () => (await hook.status()).waiting, { timeout: 60_000 }).toBe(0)
  for (const [call, numbers] of Object.entries(hook.rooms)) expect(numbers, call).toEqual(upTo(numbers.length))
  for (const user of new Set(hook.events.filter(({ stream }) => stream.startsWith('user:')).map(({ stream }) => stream))) {
    const numbers = hook.events.filter(({ stream }) => stream === user).map(({ seq }) => seq)
    expect(numbers).toEqual(upTo(numbers.length))
  }
  console.log(
    `edge killed ${rounds} times: ${hook.events.length} events of ${Object.keys(hook.rooms).length} rooms, none missing, none out of order`,
  )
  await Promise.all([carol.logout(), dave.logout()])
}, 400_000)

test('an edge that is killed between a change of the configuration and its events tells them once it is back', async () => {
  const hook = await TestHook.create(rest, consumer, { name: 'configuration' })
  const created: string[] = []
  for (let round = 0; round < 3; round++) {
    const requests = upTo(5).map(async (n) => {
      const username = `made-${round}-${n}`
      await rest.send('POST', '/sapi/users', { username, role: 'user' })
      created.push(`${username}@default`)
    })
    const answered = Promise.allSettled(requests)
    await Promise.any(requests).catch(() => undefined)
    stack.killEdge()
    await answered
    await stack.untilReady()
  }
  const told = (): string[] => hook.events.filter(({ type }) => type === 'user.created').map(({ data }) => String(data['username']))
  // Nothing else is asked of the edge: what was left is handed over by its own clock.
  await expect.poll(() => created.filter((username) => !told().includes(username)), { timeout: 90_000, interval: 500 }).toEqual([])
  const numbers = hook.events.filter(({ stream }) => stream.startsWith('domain:')).map(({ seq }) => seq)
  expect(numbers).toEqual(numbers.map((_, n) => (numbers[0] ?? 0) + n))
}, 200_000)

async function expectRecorded(count: number): Promise<string[]> {
  await expect.poll(async () => (await recordedCalls()).length, { timeout: 20_000 }).toBe(count)
  return recordedCalls()
}

const recordedSince = async (count: number): Promise<string[]> => {
  const recorded = await recordedCalls()
  return recorded.slice(count)
}

/** Rooms of which the last event has come. */
const finished = (hook: TestHook): string[] =>
  hook.events
    .filter(({ type }) => type === 'call.ended')
    .map(({ stream }) => stream)
    .toSorted()

const unfinished = (hook: TestHook): string[] => {
  const done = finished(hook)
  return Object.keys(hook.rooms).filter((room) => !done.includes(room))
}
