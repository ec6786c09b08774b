import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { launchBrowser, Phone, smallVideo } from '#test/support/Phone.ts'
import { type Stack, startStack } from '#test/support/stack.ts'

/** Real calls: real Chromium, real edge, real media host. */

let stack: Stack
let browser: Browser
let phones: Phone[] = []

beforeAll(async () => {
  stack = await startStack({ web: true })
  browser = await launchBrowser()
}, 240_000)

afterEach(async () => {
  await Promise.all(phones.map((phone) => phone.close()))
  phones = []
})

afterAll(async () => {
  await browser?.close()
  await stack?.stop()
})

async function phoneOf(username: string): Promise<Phone> {
  const account = stack.accounts.find((candidate) => candidate.username === username)
  if (account === undefined) throw new Error(`No account ${username}`)
  const phone = await Phone.signedIn(browser, stack.url, account)
  phones.push(phone)
  return phone
}

describe('two parties', () => {
  test('hear and see each other, with simulcast', async () => {
    const [alice, bob] = [await phoneOf('alice'), await phoneOf('bob')]
    await alice.call('bob', { video: { width: 640, height: 360, frameRate: 15 }, simulcast: true })
    await bob.answer({ video: { width: 640, height: 360, frameRate: 15 }, simulcast: true })
    await Promise.all([alice.untilReceiving({ audio: 1, video: 1 }), bob.untilReceiving({ audio: 1, video: 1 })])
    const sent = (await alice.stats()).filter(({ direction, source }) => direction === 'send' && source === 'camera')
    expect(sent.length).toBeGreaterThan(0)
    expect(alice.errors).toEqual([])
    expect(bob.errors).toEqual([])
  }, 90_000)

  test('a reload in the call is back in it, as the same participant', async () => {
    const [alice, bob] = [await phoneOf('alice'), await phoneOf('bob')]
    await alice.call('bob', { video: smallVideo })
    await bob.answer({ video: smallVideo })
    await alice.untilReceiving({ audio: 1, video: 1 })
    await alice.listen()
    const before = await alice.participants()
    await bob.page.reload()
    await bob.untilOnline()
    await Promise.all([alice.untilReceiving({ audio: 1, video: 1 }), bob.untilReceiving({ audio: 1, video: 1 })])
    expect(await bob.participants()).toEqual(before)
    expect(await alice.participants()).toEqual(before)
    const heard = await alice.heard()
    expect(heard.filter((line) => line.startsWith('joined') || line.startsWith('left'))).toEqual([])
  }, 90_000)

  test('hanging up ends the call on both sides', async () => {
    const [alice, bob] = [await phoneOf('alice'), await phoneOf('bob')]
    await alice.call('bob')
    await bob.answer()
    await bob.untilReceiving({ audio: 1 })
    await bob.listen()
    await alice.hangUp()
    await expect.poll(() => bob.heard(), { timeout: 10_000 }).toContain('ended lastParticipant')
  }, 60_000)
})

describe('four parties in one room', () => {
  test('each decodes audio and video of the three others', async () => {
    const everybody = []
    for (const username of ['alice', 'bob', 'carol', 'dave']) everybody.push(await phoneOf(username))
    const [alice, ...others] = everybody
    await alice?.call('bob', { video: smallVideo })
    await others[0]?.answer({ video: smallVideo })
    await alice?.invite('carol')
    await others[1]?.answer({ video: smallVideo })
    await alice?.invite('dave')
    await others[2]?.answer({ video: smallVideo })
    await Promise.all(everybody.map((phone) => phone.untilReceiving({ audio: 3, video: 3 })))
    expect(everybody.flatMap((phone) => phone.errors)).toEqual([])
  }, 150_000)
})
