import { Hono } from 'hono'
import { z } from 'zod'
import { AppError } from '#shared/errors/AppError.ts'
import { enrolRequestSchema, type enrolResponseSchema, type HostList } from '#shared/protocol/fleet/host-link.ts'
import { fleetVersions, negotiateVersion, parseSubprotocols } from '#shared/protocol/versions.ts'
import { bearerOf, identify } from '#edge/auth/identify.ts'
import type { Identity } from '#edge/domain/identity.ts'
import { hostHeader, hostKeyHeader, toHeader, traceHeader } from '#edge/domain/forwarding.ts'
import { admitToRoom, drainHost, enrolHost, listHosts, readHostKey } from '#edge/services/fleet.ts'
import { mediaHost, room } from '#edge/services/stubs.ts'
import type { AppContext, AppEnv } from './kit/app-env.ts'
import { audited } from './kit/audited.ts'
import { jsonBody } from './kit/body.ts'

const hostIdSchema = z.uuid()
const linkQuerySchema = z.object({ bootId: z.uuid() })

/** The dispatcher API: how media hosts join the fleet and reach rooms, and how platform admins look after them. */
export const dispatcherRoutes = new Hono<AppEnv>()
  .post('/dispatcher/hosts', async (c) => {
    const secret = bearerOf(c.req.raw)
    if (secret === undefined) throw new AppError('enrolmentRefused')
    const { region, name } = await jsonBody(c.req.raw, enrolRequestSchema)
    const enrolled: z.infer<typeof enrolResponseSchema> = await enrolHost(c.env, { secret, region, name })
    c.var.logger.info('host.enrolled', { hostId: enrolled.hostId, region, name })
    return c.json(enrolled, 201, { 'cache-control': 'no-store' })
  })
  .get('/dispatcher/hosts', async (c) => {
    await platformAdmin(c)
    const list: HostList = { hosts: await listHosts(c.env) }
    return c.json(list, 200, { 'cache-control': 'no-store' })
  })
  .post('/dispatcher/hosts/:hostId/drain', async (c) => {
    const actor = await platformAdmin(c)
    const hostId = hostIdSchema.safeParse(c.req.param('hostId'))
    if (!hostId.success) throw new AppError('hostUnknown')
    return audited(c, { actor, operation: 'drainHost' }, async () => {
      await drainHost(c.env, hostId.data)
      return c.json({}, 202)
    })
  })
  .get('/dispatcher/hosts/:hostId/socket', async (c) => {
    const { version, bearer } = upgradeOf(c)
    const { hostId, keyHash } = await readHostKey(c.env, bearer)
    if (hostId !== c.req.param('hostId')) throw new AppError('unauthenticated')
    return mediaHost(c.env, hostId).fetch(forwarded(c, { path: '/socket', version, headers: { [hostKeyHeader]: keyHash } }))
  })
  .get('/dispatcher/rooms/link', async (c) => {
    const { version, bearer, ticket } = upgradeOf(c)
    const { bootId } = linkQuerySchema.parse(c.req.query())
    const admitted = await admitToRoom(c.env, { hostKey: bearer, ticket })
    const headers = { [hostHeader]: toHeader({ hostId: admitted.hostId, bootId }) }
    return room(c.env, admitted.room).fetch(forwarded(c, { path: '/host', version, headers }))
  })

async function platformAdmin(c: AppContext): Promise<Identity> {
  const identity = await identify(c.req.raw, c.env)
  c.set('caller', identity)
  if (identity.role !== 'platform-admin') throw new AppError('forbidden')
  return identity
}

function upgradeOf(c: AppContext): { version: string; bearer: string | undefined; ticket: string | undefined } {
  const { offered, bearer, ticket } = parseSubprotocols(c.req.header('sec-websocket-protocol') ?? null)
  const version = negotiateVersion(offered, fleetVersions)
  if (c.req.header('upgrade')?.toLowerCase() !== 'websocket' || version === undefined) throw new AppError('unsupportedVersion')
  return { version, bearer, ticket }
}

/** The upgrade as the object gets it: made anew, so that nothing of the host's own headers, credentials included, goes along. */
function forwarded(c: AppContext, options: { path: string; version: string; headers: Record<string, string> }): Request {
  const headers = { upgrade: 'websocket', 'sec-websocket-protocol': options.version, [traceHeader]: c.var.traceId, ...options.headers }
  return new Request(new URL(options.path, c.req.url), { headers })
}
