import type { Env } from '#edge/env.ts'
import { Room as RealRoom } from '../Room.ts'
import { UserHub as RealUserHub } from '../UserHub.ts'
import { clock, logger } from './bench.ts'

export { Dispatcher } from '../Dispatcher.ts'
export { Ledger } from '../Ledger.ts'
export { MediaHost } from '../MediaHost.ts'

/** The objects under test, on the bench's clock. */
export class Room extends RealRoom {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env, { clock, logger })
  }
}

export class UserHub extends RealUserHub {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env, { clock, logger })
  }
}

/** Tests speak to the objects as the Worker's routes do. */
export default { fetch: () => new Response(null, { status: 404 }) }
