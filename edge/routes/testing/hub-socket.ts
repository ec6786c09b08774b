import { createExecutionContext } from 'cloudflare:test'
import { app } from '#edge/app.ts'
import { env, origin } from './api.ts'

/** A device's hub socket through the real Worker and the real object. */
export interface HubSocket {
  /** Settles when the server closes the socket. */
  readonly closed: Promise<{ code: number }>
  close(): void
}

export async function openHubSocket(token: string): Promise<HubSocket> {
  const headers = { upgrade: 'websocket', 'sec-websocket-protocol': `ringway.v1, bearer.${token}` }
  const response = await app.fetch(new Request(`${origin}/wapi/hub`, { headers }), env, createExecutionContext())
  const socket = response.webSocket
  if (socket === null) throw new Error(`No socket: ${response.status} ${await response.text()}`)
  const opened = Promise.withResolvers<void>()
  const closed = Promise.withResolvers<{ code: number }>()
  socket.addEventListener('close', ({ code }) => closed.resolve({ code }))
  socket.addEventListener('message', () => opened.resolve())
  socket.accept()
  socket.send(JSON.stringify({ id: '1', method: 'POST', resource: '/sessions', body: {} }))
  await opened.promise
  return { closed: closed.promise, close: () => socket.close() }
}
