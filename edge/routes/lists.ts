import { Hono } from 'hono'
import { listCallRecordsQuerySchema } from '#shared/protocol/sapi/cdrs.ts'
import { listCallRecords } from '#edge/services/call-records.ts'
import type { IdentifiedEnv } from './kit/app-env.ts'
import { query } from './kit/body.ts'
import { adminOnly } from './kit/guards.ts'
import { listResponse } from './kit/list.ts'
import { scopeOf } from './kit/scope.ts'

/** `/sapi/cdrs` (CDR-1). */
export const callRecordRoutes = new Hono<IdentifiedEnv>().get('/', adminOnly, async (c) =>
  listResponse(c, await listCallRecords(scopeOf(c), c.var.identity, query(c.req.url, listCallRecordsQuerySchema))),
)
