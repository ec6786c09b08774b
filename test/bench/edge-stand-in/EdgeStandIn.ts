import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { type WebSocket, WebSocketServer } from 'ws'
import { newId } from '#shared/ids/ids.ts'
import { hostProcedures } from '#shared/protocol/fleet/host-link.ts'
import { roomProcedures } from '#shared/protocol/fleet/room-link.ts'
import { fleetVersions, parseSubprotocols } from '#shared/protocol/versions.ts'
import { StandInLink } from './StandInLink.ts'

export type HostLink = StandInLink<typeof hostProcedures>
export type RoomLink = StandInLink<typeof roomProcedures>

/**
 * Drives one media host without an edge: enrols it and holds its control and room sockets in this
 * process, with the protocol and nothing else. What it measures is the media host alone.
 */
export class EdgeStandIn {
  readonly url: string
  readonly #server: Server
  readonly #sockets = new WebSocketServer({
    noServer: true,
    handleProtocols: (offered) => fleetVersions.find((v) => offered.has(v)) ?? false,
  })
  readonly #control = Promise.withResolvers<HostLink>()
  /** Rooms that were asked to be served and have not dialled yet, by ticket. */
  readonly #awaited = new Map<string, (link: RoomLink) => void>()

  private constructor(server: Server, url: string) {
    this.#server = server
    this.url = url
    server.on('request', (request, response) => {
      request.resume()
      const enrols = request.method === 'POST' && request.url === '/dispatcher/hosts'
      response.writeHead(enrols ? 201 : 404, { 'content-type': 'application/json' })
      response.end(enrols ? JSON.stringify({ hostId: newId(), hostKey: randomUUID() }) : '{}')
    })
    server.on('upgrade', (request, socket, head) => {
      this.#sockets.handleUpgrade(request, socket, head, (webSocket) => this.#accept(webSocket, request))
    })
  }

  static async start(): Promise<EdgeStandIn> {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    if (address === null || typeof address === 'string') throw new TypeError('No address')
    return new EdgeStandIn(server, `http://127.0.0.1:${address.port}`)
  }

  /** The host's control link, once it has dialled and said hello. */
  get host(): Promise<HostLink> {
    return this.#control.promise
  }

  /** Has the host dial a room; gives the room's link. */
  async serveRoom(roomId: string): Promise<RoomLink> {
    const ticket = randomUUID()
    const dialled = new Promise<RoomLink>((resolve) => this.#awaited.set(ticket, resolve))
    const host = await this.host
    await host.ask('serveRoom', { room: `r:bench:${roomId}`, roomId, epoch: 1, ticket })
    return dialled
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets.clients) socket.terminate()
    this.#sockets.close()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #accept(socket: WebSocket, request: IncomingMessage): void {
    const { ticket } = parseSubprotocols(request.headers['sec-websocket-protocol'] ?? null)
    if (ticket === undefined) {
      const link: HostLink = new StandInLink(socket, {
        procedures: hostProcedures,
        onNotification: (name) => name === 'hello' && this.#control.resolve(link),
      })
      return
    }
    const resolve = this.#awaited.get(ticket)
    this.#awaited.delete(ticket)
    if (resolve === undefined) socket.close()
    else resolve(new StandInLink(socket, { procedures: roomProcedures }))
  }
}
