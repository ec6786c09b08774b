import { DurableObject } from 'cloudflare:workers'
import { z } from 'zod'
import { systemClock } from '#shared/time/clock.ts'
import { QuotaTable } from '#edge/db/objects/QuotaTable.ts'
import { grantLease, type Lease } from '#edge/domain/quotas/request-lease.ts'
import type { Env } from '#edge/env.ts'

const requestSchema = z.object({ limit: z.number().int().positive(), want: z.number().int().positive() })

/** The requests of one domain and all under it: hands out leases (edge/domain/quotas/request-lease.ts). */
export class Quota extends DurableObject<Env> {
  readonly #table: QuotaTable

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    this.#table = new QuotaTable(ctx.storage)
  }

  /** The answer leaves once what was granted is on disk: an object that is started again hands nothing out twice. */
  lease(request: z.infer<typeof requestSchema>): Promise<Lease> {
    const { limit, want } = requestSchema.parse(request)
    const { state, lease } = grantLease(this.#table.read(), { limit, want, now: systemClock.now() })
    this.#table.write(state)
    return Promise.resolve(lease)
  }
}
