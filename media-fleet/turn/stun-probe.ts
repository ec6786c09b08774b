import { randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'

const bindingRequest = 0x0001
const bindingSuccess = 0x0101
const magicCookie = 0x2112a442

/** Whether a STUN server answers a Binding request over UDP within `withinMs` (RFC 8489 §5, §6.2.1). */
export function answersStun(server: { ip: string; port: number }, options: { withinMs: number }): Promise<boolean> {
  const transaction = randomBytes(12)
  const request = Buffer.alloc(20)
  request.writeUInt16BE(bindingRequest, 0)
  request.writeUInt32BE(magicCookie, 4)
  transaction.copy(request, 8)
  return new Promise((resolve) => {
    const socket = createSocket(server.ip.includes(':') ? 'udp6' : 'udp4')
    const end = (answered: boolean): void => {
      clearTimeout(timer)
      socket.removeAllListeners().on('error', () => undefined)
      socket.close()
      resolve(answered)
    }
    const timer = setTimeout(() => end(false), options.withinMs)
    socket.on('error', () => end(false))
    socket.on('message', (answer) => {
      if (answer.length >= 20 && answer.readUInt16BE(0) === bindingSuccess && answer.subarray(8, 20).equals(transaction)) end(true)
    })
    socket.send(request, server.port, server.ip)
  })
}
