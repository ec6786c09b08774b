import { Hono } from 'hono'
import { createUserSchema, listUsersQuerySchema, replaceUserSchema } from '#shared/protocol/sapi/users.ts'
import { createUser, getUser, listUsersFor, removeUser, replaceUser } from '#edge/services/users.ts'
import type { IdentifiedEnv } from './kit/app-env.ts'
import { jsonBody, query } from './kit/body.ts'
import { adminOnly } from './kit/guards.ts'
import { listResponse } from './kit/list.ts'
import { scopeOf } from './kit/scope.ts'

/** `/sapi/users` (USER-3). */
export const userRoutes = new Hono<IdentifiedEnv>()
  .get('/', adminOnly, async (c) => listResponse(c, await listUsersFor(scopeOf(c), c.var.identity, query(c.req.url, listUsersQuerySchema))))
  .post('/', adminOnly, async (c) => {
    const user = await createUser(scopeOf(c), c.var.identity, await jsonBody(c.req.raw, createUserSchema))
    return c.json(user, 201, { location: `/sapi/users/${user.id}` })
  })
  .get('/me', async (c) => c.json(await getUser(scopeOf(c), c.var.identity, c.var.identity.userId)))
  .get('/:id', async (c) => c.json(await getUser(scopeOf(c), c.var.identity, c.req.param('id'))))
  .put('/:id', adminOnly, async (c) => {
    const body = await jsonBody(c.req.raw, replaceUserSchema)
    return c.json(await replaceUser(scopeOf(c), c.var.identity, c.req.param('id'), body))
  })
  .delete('/:id', adminOnly, async (c) => c.json(await removeUser(scopeOf(c), c.var.identity, c.req.param('id'))))
