import { setTimeout as sleep } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import { BenchBrowser } from './browser/BenchBrowser.ts'
import { bundleForPage } from './browser/bundle.ts'
import { Deployment } from './deployment/Deployment.ts'
import type { Bench, BenchContext } from './kit/bench.ts'
import type { Report } from './kit/report.ts'
import { ratio, round, type Summary, summarize } from './kit/statistics.ts'
import { packageVersions } from './kit/versions.ts'
import { MediasoupPeer } from './peers/mediasoup-ws/MediasoupPeer.ts'

interface Pair {
  readonly name: string
  readonly caller: Page
  readonly callee: Page
  /** Whom the caller calls. */
  readonly to: string
}

/** Milliseconds from the call to `call()` until each side heard the other. */
interface CallTimes {
  readonly calleeHears: number
  readonly callerHears: number
  readonly bothHear: number
  /** Until both had a first decoded frame, silent or not. */
  readonly bothDecode: number
}

const measures = ['calleeHears', 'callerHears', 'bothHear', 'bothDecode'] as const
const titles: Readonly<Record<(typeof measures)[number], string>> = {
  calleeHears: 'callee hears the caller',
  callerHears: 'caller hears the callee',
  bothHear: 'both hear each other',
  bothDecode: 'both have decoded a frame',
}
const audioWithinMs = 20_000
const pauseMs = 300

/** From `invite` to the first decoded audio in real Chromium pages, of the SDK and of mediasoup-client on a bare server. */
export const callSetup: Bench = {
  name: 'call-setup',
  summary: 'time from invite to first decoded audio in Chromium, beside mediasoup-client on a bare ws server',
  packages: ['chromium'],
  run: async (context) => {
    const calls = context.number('calls', context.quick ? 3 : 30)
    const { browser, own, bare, commands } = await openPairs(context)
    const times = new Map<Pair, CallTimes[]>([
      [own, []],
      [bare, []],
    ])
    // The first call of a page compiles and warms up what later ones find ready; it is not the one to compare.
    for (const pair of [own, bare]) await measureCall(pair)
    for (let index = 0; index < calls; index += 1) {
      for (const [pair, list] of times) list.push(await measureCall(pair))
      if ((index + 1) % 10 === 0) context.log(`${index + 1} of ${calls} calls each`)
    }
    return report({ quick: context.quick, calls, own, bare, times, commands, chromium: browser.version })
  },
}

async function openPairs(context: BenchContext): Promise<{ browser: BenchBrowser; own: Pair; bare: Pair; commands: string[] }> {
  const { closing, log } = context
  log('Starting Ringway, the bare peer and Chromium')
  const deployment = await Deployment.start({ mediaPorts: context.option('media-ports') ?? '10000-10099' })
  closing.add(() => deployment.stop())
  const peer = await MediasoupPeer.start({ mediaPort: context.number('peer-port', 11_100), log })
  closing.add(() => peer.stop())
  const browser = await BenchBrowser.start()
  closing.add(() => browser.close())
  const [ownScript, bareScript] = [await bundleForPage('call-setup/ringway-page.ts'), await bundleForPage('peers/mediasoup-ws/page.ts')]
  const names = ['caller', 'callee'] as const

  const openOwn = async (username: string): Promise<Page> => {
    const account = await deployment.createUser(username)
    // Any page of the deployment's origin will do.
    const page = await browser.open({ url: `${deployment.url}/healthz`, script: ownScript })
    await page.evaluate((options) => window.party.connect(options), { ...account })
    return page
  }
  const openBare = async (name: string): Promise<Page> => {
    const page = await browser.open({ url: peer.url, script: bareScript })
    await page.evaluate((options) => window.party.connect(options), { name })
    return page
  }
  const pair = async (name: string, open: (name: string) => Promise<Page>): Promise<Pair> => ({
    name,
    caller: await open(names[0]),
    callee: await open(names[1]),
    to: names[1],
  })
  const own = await pair('Ringway', openOwn)
  const bare = await pair('mediasoup-client on bare ws', openBare)
  return { browser, own, bare, commands: ['npm start', peer.commandLine] }
}

async function measureCall({ name, caller, callee, to }: Pair): Promise<CallTimes> {
  const pages = [caller, callee]
  const heard = Promise.all(pages.map((page) => page.evaluate(() => window.party.firstAudio())))
  const startedAt = await caller.evaluate((target) => window.party.call(target), to)
  const late = new AbortController()
  const tooLate = sleep(audioWithinMs, undefined, { signal: late.signal }).then(() => {
    throw new Error(`${name}: no audio within ${audioWithinMs} ms`)
  })
  tooLate.catch(() => undefined)
  const [atCaller, atCallee] = await Promise.race([heard, tooLate])
  late.abort()
  if (atCaller === undefined || atCallee === undefined) throw new TypeError('Two pages, two times')
  await caller.evaluate(() => window.party.hangUp())
  await Promise.all(pages.map((page) => page.evaluate(() => window.party.idle())))
  await sleep(pauseMs)
  return {
    calleeHears: atCallee.heardAt - startedAt,
    callerHears: atCaller.heardAt - startedAt,
    bothHear: Math.max(atCaller.heardAt, atCallee.heardAt) - startedAt,
    bothDecode: Math.max(atCaller.decodedAt, atCallee.decodedAt) - startedAt,
  }
}

function report(done: {
  quick: boolean
  calls: number
  own: Pair
  bare: Pair
  times: ReadonlyMap<Pair, readonly CallTimes[]>
  commands: readonly string[]
  chromium: string
}): Report {
  const figuresOf = (pair: Pair): Record<(typeof measures)[number], Summary> => {
    const list = done.times.get(pair) ?? []
    const of = (measure: (typeof measures)[number]): Summary =>
      summarize(
        list.map((times) => times[measure]),
        0,
      )
    return { calleeHears: of('calleeHears'), callerHears: of('callerHears'), bothHear: of('bothHear'), bothDecode: of('bothDecode') }
  }
  const own = figuresOf(done.own)
  const bare = figuresOf(done.bare)
  const ratios = { p50: ratio(own.bothHear.p50, bare.bothHear.p50), p95: ratio(own.bothHear.p95, bare.bothHear.p95) }
  return {
    bench: 'call-setup',
    quick: done.quick,
    method: [
      `${done.calls} audio calls on each side, in turns, between two Chromium pages of their own contexts that are signed in and idle; the callee`,
      'accepts at once. From the call of `call()` until decoded audio that is not silence reaches the player (getSynchronizationSources, every',
      '4 ms; the microphone is a file with a voice that starts at once). The peer: mediasoup-client, one WebSocket server, the same worker binary,',
      'no accounts, one message to ring, transports made with the ring, microphone opened at the same time. The first call of each is left out.',
    ],
    versions: { chromium: done.chromium, ...packageVersions('mediasoup', 'mediasoup-client', 'miniflare'), node: process.version },
    commands: done.commands,
    tables: [
      {
        title: 'Milliseconds from invite',
        columns: ['until', 'quantile', done.own.name, done.bare.name, 'ratio'],
        rows: measures.flatMap((measure) =>
          (['p50', 'p95'] as const).map((q) => [
            titles[measure],
            q,
            own[measure][q],
            bare[measure][q],
            ratio(own[measure][q], bare[measure][q]),
          ]),
        ),
      },
    ],
    results: {
      calls: done.calls,
      own,
      bare,
      ratios: { p50: ratios.p50, p95: ratios.p95 },
      addedMsP50: round(own.bothHear.p50 - bare.bothHear.p50, 0),
    },
    notes: [],
  }
}
