import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { AudioWatch } from '#test/support/AudioWatch.ts'
import { busyHost, roomsPerHost } from '#test/support/host-rooms.ts'
import { launchBrowser, Phone, smallVideo } from '#test/support/Phone.ts'
import { type Stack, startStack } from '#test/support/stack.ts'

/** Rooms on more than one media host: spanning by size, and leaving a host that drains. */

let browser: Browser

beforeAll(async () => {
  browser = await launchBrowser()
})

afterAll(async () => {
  await browser?.close()
})

async function phones(stack: Stack): Promise<[Phone, Phone]> {
  const [account1, account2] = stack.accounts
  if (account1 === undefined || account2 === undefined) throw new Error('Two demo accounts are needed')
  return [await Phone.signedIn(browser, stack.url, account1), await Phone.signedIn(browser, stack.url, account2)]
}

test('two parties on two hosts hear and see each other through the pipe between them, in H.264 as the deployment wants', async () => {
  const settings = JSON.stringify({ media: { participantsPerHost: 1 }, rooms: { videoCodec: 'H264' } })
  const stack = await startStack({ web: true, mediaHosts: 2, env: { RINGWAY_SETTINGS: settings } })
  try {
    const [alice, bob] = await phones(stack)
    await alice.call('bob', { video: smallVideo })
    await bob.answer({ video: smallVideo })
    await Promise.all([alice.untilReceiving({ audio: 1, video: 1 }), bob.untilReceiving({ audio: 1, video: 1 })])
    expect(await roomsPerHost(stack)).toEqual([1, 1])
    const pictures = (await alice.stats()).filter(({ direction, source }) => direction === 'recv' && source === 'camera')
    expect(pictures.map(({ mimeType }) => mimeType)).toEqual(['video/H264'])
    await Promise.all([alice.close(), bob.close()])
  } finally {
    await stack.stop()
  }
}, 240_000)

test('a host that is told to go: its call moves to the other one, nobody leaves, the host ends by itself', async () => {
  const stack = await startStack({ web: true, mediaHosts: 2 })
  try {
    const [alice, bob] = await phones(stack)
    await alice.call('bob')
    await bob.answer()
    await Promise.all([alice.untilReceiving({ audio: 1 }), bob.untilReceiving({ audio: 1 })])
    const before = await alice.participants()
    await alice.listen()
    const index = await busyHost(stack)
    const watch = await AudioWatch.start(alice.page)
    const drained = stack.drainHost(index)
    await stack.until(({ hosts }) => hosts[index]?.pid !== drained)
    await Promise.all([alice.untilReceiving({ audio: 1 }), bob.untilReceiving({ audio: 1 })])
    console.log(`media host drained: longest time without an audio packet ${await watch.longestGap()} ms`)
    expect(await alice.participants()).toEqual(before)
    expect(await alice.heard()).toEqual(['moved'])
    await Promise.all([alice.close(), bob.close()])
  } finally {
    await stack.stop()
  }
}, 240_000)
