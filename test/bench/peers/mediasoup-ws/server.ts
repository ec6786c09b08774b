import { createServer } from 'node:http'
import { createWorker, type types } from 'mediasoup'
import { type WebSocket, WebSocketServer } from 'ws'
import { type PeerTransports, type ToPage, type ToServer, toServerSchema } from './protocol.ts'

/**
 * The bare peer: one WebSocket server, one mediasoup worker, one router, calls between two by name. No
 * accounts, no state worth the name; but nothing slow either: transports are made with the ring, what
 * is published is consumed at once and unpaused. Says its port in one line, and ends with its stdin.
 */
class Client {
  readonly socket: WebSocket
  name = ''
  partner: Client | undefined
  send: types.WebRtcTransport | undefined
  recv: types.WebRtcTransport | undefined

  constructor(socket: WebSocket) {
    this.socket = socket
  }

  tell(message: ToPage): void {
    this.socket.send(JSON.stringify(message))
  }
}

const workerBin = process.env['MEDIASOUP_WORKER_BIN']
const mediaPort = Number(process.argv[2] ?? 0)
const worker = await createWorker({ logLevel: 'error', ...(workerBin === undefined ? {} : { workerBin }) })
const listenInfos = (['udp', 'tcp'] as const).map((protocol) => ({ protocol, ip: '127.0.0.1', port: mediaPort }))
const webRtcServer = await worker.createWebRtcServer({ listenInfos })
const router = await worker.createRouter({
  mediaCodecs: [{ kind: 'audio', mimeType: 'audio/opus', clockRate: 48_000, channels: 2, parameters: { minptime: 10, useinbandfec: 1 } }],
})
const clients = new Map<string, Client>()

async function openTransports(client: Client): Promise<PeerTransports> {
  const open = (): Promise<types.WebRtcTransport> => router.createWebRtcTransport({ webRtcServer, enableUdp: true, enableTcp: true })
  const [send, recv] = await Promise.all([open(), open()])
  client.send = send
  client.recv = recv
  const describe = ({ id, iceParameters, iceCandidates, dtlsParameters }: types.WebRtcTransport) => ({
    id,
    iceParameters,
    iceCandidates,
    dtlsParameters,
  })
  return { send: describe(send), recv: describe(recv) }
}

async function invite(caller: Client, to: string): Promise<void> {
  const callee = clients.get(to)
  if (callee === undefined) throw new TypeError(`Nobody is called ${to}`)
  caller.partner = callee
  callee.partner = caller
  await Promise.all([
    openTransports(caller).then((transports) => caller.tell({ type: 'calling', transports })),
    openTransports(callee).then((transports) => callee.tell({ type: 'ring', from: caller.name, transports })),
  ])
}

async function produce(client: Client, message: Extract<ToServer, { type: 'produce' }>): Promise<void> {
  const producer = await client.send?.produce({ kind: message.kind, rtpParameters: message.rtpParameters as types.RtpParameters })
  if (producer === undefined) return
  client.tell({ type: 'produced', producerId: producer.id })
  const { partner } = client
  const consumer = await partner?.recv?.consume({ producerId: producer.id, rtpCapabilities: router.rtpCapabilities })
  if (consumer === undefined) return
  const { id: consumerId, kind, rtpParameters } = consumer
  partner?.tell({ type: 'consume', consumerId, producerId: producer.id, kind, rtpParameters })
}

function hangUp(client: Client): void {
  for (const one of [client, client.partner]) {
    one?.send?.close()
    one?.recv?.close()
    if (one !== undefined) {
      one.partner = undefined
      one.tell({ type: 'ended' })
    }
  }
}

async function handle(client: Client, message: ToServer): Promise<void> {
  switch (message.type) {
    case 'hello':
      client.name = message.name
      clients.set(client.name, client)
      return client.tell({ type: 'welcome', routerRtpCapabilities: router.rtpCapabilities })
    case 'invite':
      return invite(client, message.to)
    case 'accept':
      return client.partner?.tell({ type: 'accepted' })
    case 'connect':
      return client[message.direction]?.connect({ dtlsParameters: message.dtlsParameters })
    case 'produce':
      return produce(client, message)
    case 'hangUp':
      return hangUp(client)
  }
}

const server = createServer((_, response) => response.setHeader('content-type', 'text/html').end('<!doctype html><title>bare</title>'))
const sockets = new WebSocketServer({ server, perMessageDeflate: false })
sockets.on('connection', (socket) => {
  const client = new Client(socket)
  socket.on('message', (data) => {
    handle(client, toServerSchema.parse(JSON.parse(String(data)))).catch((error: unknown) => {
      console.error(error)
      process.exit(1)
    })
  })
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  if (typeof address === 'object' && address !== null) process.stdout.write(`${address.port}\n`)
})
process.stdin.on('end', () => worker.close()).resume()
worker.on('subprocessclose', () => process.exit(0))
