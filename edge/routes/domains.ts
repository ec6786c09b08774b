import { Hono } from 'hono'
import { createDomainSchema, deleteDomainQuerySchema, listDomainsQuerySchema, replaceDomainSchema } from '#shared/protocol/sapi/domains.ts'
import { createDomain, getDomain, listDomainsFor, removeDomain, replaceDomain } from '#edge/services/domains.ts'
import type { IdentifiedEnv } from './kit/app-env.ts'
import { jsonBody, query } from './kit/body.ts'
import { adminOnly } from './kit/guards.ts'
import { listResponse } from './kit/list.ts'
import { scopeOf } from './kit/scope.ts'

/** `/sapi/domains` (DOM-2). */
export const domainRoutes = new Hono<IdentifiedEnv>()
  .get('/', async (c) => listResponse(c, await listDomainsFor(scopeOf(c), c.var.identity, query(c.req.url, listDomainsQuerySchema))))
  .post('/', adminOnly, async (c) => {
    const domain = await createDomain(scopeOf(c), c.var.identity, await jsonBody(c.req.raw, createDomainSchema))
    return c.json(domain, 201, { location: `/sapi/domains/${domain.id}` })
  })
  .get('/:id', async (c) => c.json(await getDomain(scopeOf(c), c.var.identity, c.req.param('id'))))
  .put('/:id', adminOnly, async (c) => {
    const body = await jsonBody(c.req.raw, replaceDomainSchema)
    return c.json(await replaceDomain(scopeOf(c), c.var.identity, c.req.param('id'), body))
  })
  .delete('/:id', adminOnly, async (c) => {
    const options = query(c.req.url, deleteDomainQuerySchema)
    return c.json(await removeDomain(scopeOf(c), c.var.identity, c.req.param('id'), options))
  })
