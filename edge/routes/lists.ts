import { Hono } from 'hono'
import { listCallRecordsQuerySchema } from '#shared/protocol/sapi/cdrs.ts'
import { listContactsQuerySchema } from '#shared/protocol/sapi/contacts.ts'
import { listCallRecords } from '#edge/services/call-records.ts'
import { capabilitiesView } from '#edge/services/capabilities.ts'
import { listContacts } from '#edge/services/contacts.ts'
import type { IdentifiedEnv } from './kit/app-env.ts'
import { query } from './kit/body.ts'
import { adminOnly, capability, service } from './kit/guards.ts'
import { listResponse } from './kit/list.ts'
import { scopeOf } from './kit/scope.ts'

/** What users and admins may only read. */

/** `/sapi/capabilities` (CAP-1). */
export const capabilityRoutes = new Hono<IdentifiedEnv>().get('/', async (c) => c.json(await capabilitiesView(c.env, c.var.identity)))

/** `/sapi/contacts` (DOM-4). */
export const contactRoutes = new Hono<IdentifiedEnv>().get('/', service('contacts'), capability('contacts'), async (c) =>
  listResponse(c, await listContacts(scopeOf(c), c.var.identity, query(c.req.url, listContactsQuerySchema))),
)

/** `/sapi/cdrs` (CDR-1). */
export const callRecordRoutes = new Hono<IdentifiedEnv>().get('/', adminOnly, async (c) =>
  listResponse(c, await listCallRecords(scopeOf(c), c.var.identity, query(c.req.url, listCallRecordsQuerySchema))),
)
