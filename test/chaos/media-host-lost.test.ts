import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
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
  expect(await alice.heard()).toEqual([])
  expect(await bob.heard()).toEqual([])
}, 180_000)

/** Index of the host that has the room, by its own metrics. */
async function busyHost(of: Stack): Promise<number> {
  const rooms = await Promise.all(of.status.hosts.map(({ httpPort }) => roomsOn(httpPort)))
  const index = rooms.findIndex((count) => count > 0)
  if (index < 0) throw new Error(`No host has a room: ${rooms.join(', ')}`)
  return index
}

async function roomsOn(httpPort: number | null): Promise<number> {
  const metrics = await (await fetch(`http://127.0.0.1:${httpPort}/metrics`)).text()
  const value = /^ringway_rooms(?:\{[^}]*\})? (\d+)$/m.exec(metrics)?.[1]
  if (value === undefined) throw new Error('The metrics do not tell the number of rooms')
  return Number(value)
}
