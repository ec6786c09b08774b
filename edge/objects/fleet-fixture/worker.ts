import { DurableObject } from 'cloudflare:workers'
import { app } from '#edge/app.ts'
import type { Env } from '#edge/env.ts'
import { Dispatcher as RealDispatcher } from '../Dispatcher.ts'
import { MediaHost as RealMediaHost } from '../MediaHost.ts'
import { bench, clock, logger } from './bench.ts'

export { Ledger } from '../Ledger.ts'

/** The objects under test, on the bench's clock. */
export class MediaHost extends RealMediaHost {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env, { clock, logger })
  }
}

export class Dispatcher extends RealDispatcher {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env, { clock, logger })
  }
}

/** A room in so far as the fleet talks to it: notes losses and takes host sockets. */
export class Room extends DurableObject<Env> {
  async hostLost({ hostId, bootId }: { hostId: string; bootId: string }): Promise<void> {
    const room = this.ctx.id.name ?? ''
    if (bench.broken.has(room)) throw new Error(`${room} cannot be told`)
    bench.lost.push({ room, hostId, bootId })
  }

  override fetch(request: Request): Response {
    bench.links.push({ room: this.ctx.id.name ?? '', path: new URL(request.url).pathname, headers: Object.fromEntries(request.headers) })
    const { 0: client, 1: server } = new WebSocketPair()
    this.ctx.acceptWebSocket(server)
    return new Response(null, { status: 101, webSocket: client, headers: { 'sec-websocket-protocol': 'ringway.fleet.v1' } })
  }
}

export default { fetch: app.fetch }
