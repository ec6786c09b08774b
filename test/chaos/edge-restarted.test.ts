import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { AudioWatch } from '#test/support/AudioWatch.ts'
import { launchBrowser, Phone } from '#test/support/Phone.ts'
import { type Stack, startStack } from '#test/support/stack.ts'

let stack: Stack
let browser: Browser

beforeAll(async () => {
  stack = await startStack({ web: true })
  browser = await launchBrowser()
}, 240_000)

afterAll(async () => {
  await browser?.close()
  await stack?.stop()
})

async function audioPackets(phone: Phone, direction: 'send' | 'recv'): Promise<number> {
  const track = (await phone.stats()).find((candidate) => candidate.direction === direction && candidate.source === 'microphone')
  if (track === undefined) throw new Error(`There is no microphone to ${direction}`)
  return track.packets
}

test('a killed edge: media never stops, sessions resume, no event is lost or doubled', async () => {
  const [account1, account2] = stack.accounts
  if (account1 === undefined || account2 === undefined) throw new Error('Two demo accounts are needed')
  const alice = await Phone.signedIn(browser, stack.url, account1)
  const bob = await Phone.signedIn(browser, stack.url, account2)
  await alice.call('bob')
  await bob.answer()
  await Promise.all([alice.untilReceiving({ audio: 1 }), bob.untilReceiving({ audio: 1 })])
  const before = await alice.participants()
  await Promise.all([alice.listen(), bob.listen()])
  const expected: string[] = []
  for (let round = 0; round < 3; round++) {
    const watch = await AudioWatch.start(alice.page)
    const [sentBefore, receivedBefore] = await Promise.all([audioPackets(bob, 'send'), audioPackets(alice, 'recv')])
    stack.killEdge()
    // Said while the edge is away: it must arrive once it is back, and once.
    const toggled = alice.page.evaluate(async () => {
      const [call] = window.__ringway?.client.calls.values() ?? []
      await call?.mute()
      await call?.unmute()
    })
    await stack.untilReady()
    await toggled
    expected.push('muted alice@default microphone', 'unmuted alice@default microphone')
    await expect.poll(async () => (await bob.heard()).filter((line) => line.includes('muted')), { timeout: 20_000 }).toEqual(expected)
    await Promise.all([alice.untilOnline(), bob.untilOnline()])
    const [sent, received] = await Promise.all([audioPackets(bob, 'send'), audioPackets(alice, 'recv')])
    const missing = sent - sentBefore - (received - receivedBefore)
    console.log(
      `edge killed: ${received - receivedBefore} of ${sent - sentBefore} audio packets arrived, longest gap ${await watch.longestGap()} ms`,
    )
    // Media of another generation would count from 0 again, so this holds only where nothing was negotiated anew.
    // The two sides are not asked at one instant: half a second of packets may be on either side of it.
    expect(sent - sentBefore).toBeGreaterThan(50)
    expect(Math.abs(missing)).toBeLessThan(25)
    expect(await alice.participants()).toEqual(before)
    expect(await bob.participants()).toEqual(before)
  }
  const others = (await bob.heard()).filter((line) => !line.includes('muted'))
  expect(others.filter((line) => /^(joined|left|ended|moved)/.test(line))).toEqual([])
}, 180_000)
