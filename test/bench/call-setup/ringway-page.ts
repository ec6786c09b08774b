import { type Call, RingwayClient } from '#shared/sdk/index.ts'
import { AudioTimes, clock } from '../browser/AudioTimes.ts'
import type { Party } from './party.ts'

const times = AudioTimes.install()
let client: RingwayClient | undefined
let call: Call | undefined
let over = Promise.resolve()

function keep(current: Call): void {
  call = current
  over = new Promise((resolve) => {
    current.on('ended', () => resolve())
  })
}

const party: Party = {
  connect: async ({ username = '', password = '' }) => {
    client = new RingwayClient({ url: location.origin })
    client.on('incoming', (incoming) => void incoming.accept({ audio: true }))
    client.on('call', keep)
    await client.login({ grantType: 'password', username, password })
  },
  call: async (to) => {
    if (client === undefined) throw new TypeError('Not signed in')
    const at = clock()
    await client.call({ to, audio: true })
    return at
  },
  firstAudio: () => times.first,
  hangUp: async () => {
    await call?.leave()
  },
  idle: async () => {
    await over
    times.reset()
  },
}

window.party = party
