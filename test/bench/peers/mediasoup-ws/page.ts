import { Device, type types } from 'mediasoup-client'
import { AudioTimes, clock } from '../../browser/AudioTimes.ts'
import type { Party } from '../../call-setup/party.ts'
import { type PeerTransports, type ToPage, toPageSchema, type ToServer } from './protocol.ts'

/** A page of the bare peer: mediasoup-client as its examples use it, everything that can be at once, at once. */
const times = AudioTimes.install()
const device = new Device()
let socket: WebSocket | undefined
let microphone: Promise<MediaStreamTrack> | undefined
let recv: types.Transport | undefined
let send: types.Transport | undefined
let produced = (_producerId: string): void => undefined
let ended = Promise.withResolvers<void>()

const tell = (message: ToServer): void => socket?.send(JSON.stringify(message))

/** As the SDK opens it. */
async function openMicrophone(): Promise<MediaStreamTrack> {
  const audio = { echoCancellation: true, noiseSuppression: true, autoGainControl: true }
  const [track] = (await navigator.mediaDevices.getUserMedia({ audio })).getAudioTracks()
  if (track === undefined) throw new TypeError('No microphone')
  return track
}

async function enter(transports: PeerTransports): Promise<void> {
  ended = Promise.withResolvers()
  const recvTransport = device.createRecvTransport(transports.recv as types.TransportOptions)
  const sendTransport = device.createSendTransport(transports.send as types.TransportOptions)
  for (const [direction, transport] of [
    ['recv', recvTransport],
    ['send', sendTransport],
  ] as const) {
    transport.on('connect', ({ dtlsParameters }, done) => {
      tell({ type: 'connect', direction, dtlsParameters })
      // Messages keep their order: there is no answer to wait for.
      done()
    })
  }
  sendTransport.on('produce', ({ kind, rtpParameters }, done) => {
    produced = (id) => done({ id })
    tell({ type: 'produce', kind, rtpParameters })
  })
  recv = recvTransport
  send = sendTransport
  microphone ??= openMicrophone()
  await sendTransport.produce({ track: await microphone, codecOptions: { opusStereo: false, opusFec: true, opusDtx: true } })
}

async function handle(message: ToPage): Promise<void> {
  switch (message.type) {
    case 'welcome':
      return device.load({ routerRtpCapabilities: message.routerRtpCapabilities as types.RtpCapabilities })
    case 'ring':
      tell({ type: 'accept' })
      return enter(message.transports)
    case 'calling':
      return enter(message.transports)
    case 'consume': {
      const { consumerId: id, producerId, kind, rtpParameters } = message
      await recv?.consume({ id, producerId, kind, rtpParameters: rtpParameters as types.RtpParameters })
      return
    }
    case 'produced':
      return produced(message.producerId)
    case 'accepted':
      return
    case 'ended': {
      send?.close()
      recv?.close()
      const track = await microphone
      track?.stop()
      microphone = undefined
      return ended.resolve()
    }
  }
}

const party: Party = {
  connect: async ({ name = '' }) => {
    const opened = new WebSocket(location.href.replace(/^http/, 'ws'))
    socket = opened
    await new Promise((resolve) => {
      opened.addEventListener('open', resolve, { once: true })
    })
    const loaded = new Promise<void>((resolve) => {
      opened.addEventListener('message', ({ data }) => {
        void handle(toPageSchema.parse(JSON.parse(String(data)))).then(resolve)
      })
    })
    tell({ type: 'hello', name })
    await loaded
  },
  call: async (to) => {
    const at = clock()
    microphone = openMicrophone()
    tell({ type: 'invite', to })
    return at
  },
  firstAudio: () => times.first,
  hangUp: async () => tell({ type: 'hangUp' }),
  idle: async () => {
    await ended.promise
    times.reset()
  },
}

window.party = party
