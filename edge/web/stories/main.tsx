import '@fontsource-variable/hanken-grotesk/index.css'
import '../ui/base.css'
import { createRoot } from 'react-dom/client'
import type { Device } from '#shared/sdk/index.ts'
import { applyBrand, brand } from '../brand.ts'
import { App } from '../webphone/App.tsx'
import { Phone } from '../webphone/state/Phone.ts'
import { FakeClient } from './FakeClient.ts'
import { isStoryName, stories, type Story } from './stories.ts'

/** `?story=<name>&theme=dark&language=es` shows one story; without a name, the list of them. */
const query = new URLSearchParams(window.location.search)
const name = query.get('story') ?? ''
const root = document.getElementById('root')
if (root === null) throw new TypeError('The page has no #root')
applyBrand(brand, document.documentElement)

const devices: Device[] = [
  { deviceId: 'mic-1', kind: 'microphone', label: 'Built-in microphone', groupId: 'a' },
  { deviceId: 'mic-2', kind: 'microphone', label: 'Headset', groupId: 'b' },
  { deviceId: 'cam-1', kind: 'camera', label: 'FaceTime HD camera', groupId: 'a' },
  { deviceId: 'out-1', kind: 'speaker', label: 'Built-in speakers', groupId: 'a' },
]

if (isStoryName(name)) {
  const story: Story = stories[name]
  const client = new FakeClient(story.client ?? {})
  const phone = new Phone({
    client,
    devices: { list: async () => devices, onChange: () => () => {}, isForbidden: async () => false },
    storage: null,
    window,
    now: Date.now,
    sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
  })
  const theme = query.get('theme')
  if (theme === 'light' || theme === 'dark') phone.preferences.update({ theme })
  phone.preferences.update({ language: query.get('language') ?? 'en', ringSound: false })
  createRoot(root).render(<App phone={phone} />)
  // A server that cannot be reached is waited for without end.
  if (story.client?.unreachable === true) void phone.start()
  else await phone.start()
  await story.play?.({ client, phone })
  // The screens are chunks of their own, and while they load there is a splash.
  const shown = () =>
    story.client?.unreachable === true || document.querySelector('main:not(:has(> output)), [role="alertdialog"]') !== null
  while (!shown()) await new Promise((resolve) => setTimeout(resolve, 20))
  root.dataset['ready'] = 'true'
} else {
  createRoot(root).render(
    <ul>
      {Object.keys(stories).map((story) => (
        <li key={story}>
          <a href={`?story=${story}`}>{story}</a>
        </li>
      ))}
    </ul>,
  )
}
