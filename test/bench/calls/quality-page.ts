import { type Call, RingwayClient, type TrackStats } from '#shared/sdk/index.ts'

/** One browser of the call whose quality is measured. */
export interface QualityPage {
  connect(options: Readonly<Record<string, string>>): Promise<void>
  call(to: string): Promise<void>
  /** Resolves once audio and video of the other party flow here. */
  receiving(): Promise<void>
  /** What is received, as counted since the call began. */
  received(): Promise<readonly TrackStats[]>
  hangUp(): Promise<void>
}

declare global {
  interface Window {
    quality: QualityPage
  }
}

const video = { width: 320, height: 180, frameRate: 15 }
const pollMs = 50

let client: RingwayClient | undefined
let call: Call | undefined

async function received(): Promise<readonly TrackStats[]> {
  const stats = await call?.getStats()
  return (stats?.tracks ?? []).filter(({ direction }) => direction === 'recv')
}

const quality: QualityPage = {
  connect: async ({ username = '', password = '' }) => {
    client = new RingwayClient({ url: location.origin })
    client.on('incoming', (incoming) => void incoming.accept({ audio: true, video }))
    client.on('call', (current) => {
      call = current
      current.on('trackAdded', ({ track }) => {
        if (track.isLocal || track.mediaTrack === null) return
        // Decoded only where somebody looks and listens.
        const player = document.createElement(track.kind)
        player.srcObject = new MediaStream([track.mediaTrack])
        player.muted = track.kind === 'video'
        document.body.append(player)
        void player.play()
      })
    })
    await client.login({ grantType: 'password', username, password })
  },
  call: async (to) => {
    await client?.call({ to, audio: true, video })
  },
  receiving: async () => {
    const flows = ({ kind, samples, frames }: TrackStats): boolean => ((kind === 'audio' ? samples : frames) ?? 0) > 0
    for (;;) {
      const tracks = await received()
      if (tracks.length === 2 && tracks.every(flows)) return
      await new Promise((resolve) => setTimeout(resolve, pollMs))
    }
  },
  received,
  hangUp: async () => {
    await call?.leave()
    for (const player of document.querySelectorAll('audio, video')) player.remove()
  },
}

window.quality = quality
