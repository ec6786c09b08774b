import { WebSocket, WebSocketServer } from 'ws'
import { relayMessageSchema } from './messages.ts'

/**
 * The least that can carry an invite: a WebSocket server that knows its clients by name and passes
 * messages on. No accounts, no state, nothing kept. Says its port in one line, and ends with its stdin.
 */
const clients = new Map<string, WebSocket>()
const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false, backlog: 1024 })

server.on('connection', (socket, request) => {
  const name = new URL(request.url ?? '/', 'ws://local').searchParams.get('name') ?? ''
  clients.set(name, socket)
  socket.on('error', () => undefined)
  socket.on('close', () => clients.delete(name))
  socket.on('message', (data) => {
    const text = String(data)
    if (text === 'ping') return socket.send('pong')
    const { to } = relayMessageSchema.parse(JSON.parse(text))
    const target = clients.get(to)
    if (target?.readyState === WebSocket.OPEN) target.send(text)
  })
})

server.on('listening', () => {
  const address = server.address()
  if (typeof address === 'object' && address !== null) process.stdout.write(`${address.port}\n`)
})
process.stdin.on('end', () => process.exit(0)).resume()
