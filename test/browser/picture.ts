import { join, resolve } from 'node:path'
import { launchBrowser, Phone } from '#test/support/Phone.ts'
import { startStack } from '#test/support/stack.ts'
import { type Silhouette, silhouetteVideo } from './silhouette.ts'

/** Makes the README's picture of the webphone: three parties of a real call (`npm run picture`). */
const target = join(resolve(import.meta.dirname, '..', '..'), 'edge', 'web', 'webphone.png')

const cameras: readonly Silhouette[] = [
  { backdrop: [150, 140, 110], figure: [70, 135, 118] },
  { backdrop: [165, 110, 140], figure: [60, 120, 145] },
  { backdrop: [140, 120, 120], figure: [80, 145, 112] },
]

const stack = await startStack({ web: true })
const browsers = await Promise.all(cameras.map((camera) => launchBrowser({ camera: silhouetteVideo(camera) })))
try {
  const phones: Phone[] = []
  for (const [index, browser] of browsers.entries()) {
    const account = stack.accounts[index]
    if (account !== undefined) phones.push(await Phone.signedIn(browser, stack.url, account))
  }
  const [alice, bob, carol] = phones
  if (alice === undefined || bob === undefined || carol === undefined) throw new Error('Three demo accounts are needed')
  const video = { width: 640, height: 360, frameRate: 10 }
  await alice.page.setViewportSize({ width: 1280, height: 800 })
  await alice.call('bob', { video })
  await bob.answer({ video })
  await alice.invite('carol')
  await carol.answer({ video })
  await Promise.all(phones.map((phone) => phone.untilReceiving({ audio: 2, video: 2 })))
  // Notices of who came have gone by then.
  await alice.page.waitForTimeout(8_000)
  await alice.page.screenshot({ path: target })
  console.log(`Written: ${target}`)
} finally {
  await Promise.all(browsers.map((browser) => browser.close()))
  await stack.stop()
}
