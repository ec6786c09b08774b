import { Hono } from 'hono'
import { AppError } from '#shared/errors/AppError.ts'
import type { AppEnv } from './kit/app-env.ts'

/** Where the build leaves the document (edge/docs/plugin.ts). */
const asset = '/docs/api/openapi.json'

/** `/sapi/openapi.json`: the same for everybody, and any page may read it. */
export const openApiRoutes = new Hono<AppEnv>().get('/openapi.json', async (c) => {
  const answer = await c.env.ASSETS.fetch(new Request(new URL(asset, c.req.url), { headers: conditionsOf(c.req.raw) }))
  // Without the web build, the web application answers for whatever is not there.
  if (answer.status === 200 && answer.headers.get('content-type')?.startsWith('application/json') !== true)
    throw new AppError('unavailable')
  const headers = new Headers(answer.headers)
  headers.set('access-control-allow-origin', '*')
  headers.set('cache-control', 'public, max-age=300')
  return new Response(answer.body, { status: answer.status, headers })
})

/** A caller that has it already need not be sent it again. */
function conditionsOf(request: Request): Headers {
  const known = request.headers.get('if-none-match')
  return new Headers(known === null ? {} : { 'if-none-match': known })
}
