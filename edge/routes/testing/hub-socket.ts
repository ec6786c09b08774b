import { createExecutionContext } from 'cloudflare:test'
import { app } from '#edge/app.ts'
import { env, origin } from './api.ts'

/** A device's hub socket through the real Worker and the real object. */
export interface HubSocket {
  readonly sessionId: string
  /** Settles when the server closes the socket. */
  readonly closed: Promise<{ code: number }>
  close(): void
}

export async function openHubSocket(token: string, context: Record<string, unknown> = {}): Promise<HubSocket> {
  const headers = { upgrade: 'websocket', 'sec-websocket-protocol': `ringway.v1, bearer.${token}` }
  const response = await app.fetch(new Request(`${origin}/wapi/hub`, { headers }), env, createExecutionContext())
  const socket = response.webSocket
  if (socket === null) throw new Error(`No socket: ${response.status} ${await response.text()}`)
  const opened = Promise.withResolvers<string>()
  const closed = Promise.withResolvers<{ code: number }>()
  socket.addEventListener('close', ({ code }) => closed.resolve({ code }))
  socket.addEventListener('message', ({ data }) => opened.resolve(/"sessionId":"([^"]+)"/.exec(String(data))?.[1] ?? ''))
  socket.accept()
  socket.send(JSON.stringify({ id: '1', method: 'POST', resource: '/sessions', body: { context } }))
  const sessionId = await opened.promise
  return { sessionId, closed: closed.promise, close: () => socket.close() }
}
