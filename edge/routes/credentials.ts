import { Hono } from 'hono'
import { createCredentialSchema, listCredentialsQuerySchema } from '#shared/protocol/sapi/credentials.ts'
import { createCredential, getCredential, listCredentialsFor, removeCredential } from '#edge/services/credentials.ts'
import type { IdentifiedEnv } from './kit/app-env.ts'
import { jsonBody, query } from './kit/body.ts'
import { adminOnly } from './kit/guards.ts'
import { listResponse } from './kit/list.ts'
import { scopeOf } from './kit/scope.ts'

/** `/sapi/credentials` (CRED-1). */
export const credentialRoutes = new Hono<IdentifiedEnv>()
  .use(adminOnly)
  .get('/', async (c) =>
    listResponse(c, await listCredentialsFor(scopeOf(c), c.var.identity, query(c.req.url, listCredentialsQuerySchema))),
  )
  .post('/', async (c) => {
    const credential = await createCredential(scopeOf(c), c.var.identity, await jsonBody(c.req.raw, createCredentialSchema))
    return c.json(credential, 201, { location: `/sapi/credentials/${credential.id}`, 'cache-control': 'no-store' })
  })
  .get('/:id', async (c) => c.json(await getCredential(scopeOf(c), c.var.identity, c.req.param('id'))))
  .delete('/:id', async (c) => {
    await removeCredential(scopeOf(c), c.var.identity, c.req.param('id'))
    return c.body(null, 204)
  })
