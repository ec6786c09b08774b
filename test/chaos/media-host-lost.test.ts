import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { busyHost } from '#test/support/host-rooms.ts'
import { launchBrowser, Phone } from '#test/support/Phone.ts'
import { type Stack, startStack } from '#test/support/stack.ts'
import { AudioWatch } from '#test/support/AudioWatch.ts'

let stack: Stack
let browser: Browser

beforeAll(async () => {
  stack = await startStack({ web: true, mediaHosts: 2 })
  browser = await launchBrowser()
}, 240_000)

afterAll(async () => {
  await browser?.close()
  await stack?.stop()
})

/** The bound is the product's promise, not a measure of this machine. */
const audioAgainWithinMs = 3_000

test('a killed media host: audio flows again by itself, same participants, nobody leaves', async () => {
  const [account1, account2] = stack.accounts
  if (account1 === undefined || account2 === undefined) throw new Error('Two demo accounts are needed')
  const alice = await Phone.signedIn(browser, stack.url, account1)
  const bob = await Phone.signedIn(browser, stack.url, account2)
  await alice.call('bob')
  await bob.answer()
  await Promise.all([alice.untilReceiving({ audio: 1 }), bob.untilReceiving({ audio: 1 })])
  const before = await alice.participants()
  await Promise.all([alice.listen(), bob.listen()])
  for (let round = 0; round < 3; round++) {
    const watches = await Promise.all([AudioWatch.start(alice.page), AudioWatch.start(bob.page)])
    stack.killHost(await busyHost(stack))
    const gaps = await Promise.all(watches.map((watch) => watch.gapUntilFlowing()))
    console.log(`media host killed: audio packets again after ${gaps.map((gap) => `${gap} ms`).join(' and ')}`)
    expect(Math.max(...gaps)).toBeLessThan(audioAgainWithinMs)
    await Promise.all([alice.untilReceiving({ audio: 1 }), bob.untilReceiving({ audio: 1 })])
    expect(await alice.participants()).toEqual(before)
    expect(await bob.participants()).toEqual(before)
    await stack.untilReady()
  }
  // Their media moved each time, and that is all that anybody was told.
  expect(await alice.heard()).toEqual(['moved', 'moved', 'moved'])
  expect(await bob.heard()).toEqual(['moved', 'moved', 'moved'])
}, 180_000)
