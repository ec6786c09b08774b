import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { RingwayClient } from '#shared/sdk/index.ts'
import { type Stack, startStack } from '#test/support/stack.ts'

/** The SDK in Node, which has no media of its own, against a whole Ringway, over each way to talk to it. */

let stack: Stack

beforeAll(async () => {
  stack = await startStack()
})

afterAll(async () => {
  await stack?.stop()
})

describe.each(['websocket', 'http'] as const)('over %s', (transport) => {
  async function signedIn(username: string): Promise<RingwayClient> {
    const client = new RingwayClient({ url: stack.url, transport })
    await client.login({ grantType: 'password', username, password: 'ringway-demo' })
    return client
  }

  test('rings, accepts, moderates and hangs up; both sides hear of all of it', async () => {
    const [alice, bob] = [await signedIn('alice'), await signedIn('bob')]
    const heard: string[] = []
    const ringing = new Promise<string>((resolve) => {
      bob.on('incoming', (incoming) => {
        resolve(incoming.from.username)
        void incoming.accept({ audio: false })
      })
    })
    const call = await alice.call({ to: 'bob', audio: false })
    call.on('participantJoined', ({ username }) => heard.push(`joined ${username}`))
    call.on('ended', (reason) => heard.push(`ended ${reason}`))
    expect(await ringing).toBe('alice@default')
    await expect.poll(() => heard, { timeout: 20_000 }).toEqual(['joined bob@default'])
    await call.lock()
    await expect.poll(() => bob.calls.get(call.id)?.locked, { timeout: 20_000 }).toBe(true)
    await expect(bob.calls.get(call.id)?.unlock()).rejects.toMatchObject({ code: 'notRoomOwner' })
    await bob.calls.get(call.id)?.leave()
    await expect.poll(() => heard, { timeout: 20_000 }).toEqual(['joined bob@default', 'ended lastParticipant'])
    await Promise.all([alice.logout(), bob.logout()])
  })

  test('says clearly who cannot be reached', async () => {
    const alice = await signedIn('alice')
    await expect(alice.call({ to: 'nobody', audio: false })).rejects.toMatchObject({ code: 'userUnknown' })
    await expect(alice.call({ to: 'dave', audio: false })).rejects.toMatchObject({ code: 'userOffline' })
    await expect(alice.call({ to: 'nobody@elsewhere', audio: false })).rejects.toMatchObject({ code: 'userUnreachable' })
    await alice.logout()
  })
})
