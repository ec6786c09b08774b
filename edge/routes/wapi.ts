import { Hono } from 'hono'
import { AppError } from '#shared/errors/AppError.ts'
import { maxClientMessageBytes } from '#shared/protocol/limits.ts'
import { negotiateVersion, parseSubprotocols, type WapiVersion, wapiVersions } from '#shared/protocol/versions.ts'
import { identify } from '#edge/auth/identify.ts'
import { identityHeader, policyHeader, roomHeader, toHeader, traceHeader } from '#edge/domain/forwarding.ts'
import type { Identity } from '#edge/domain/identity.ts'
import type { DomainPolicy } from '#edge/domain/ports.ts'
import { directory } from '#edge/services/directory.ts'
import { readAtMost } from '#edge/services/limited-body.ts'
import { roomEntry } from '#edge/services/room-entries.ts'
import { spendRequest } from '#edge/services/request-quotas.ts'
import { capabilityRules, isOriginAllowed } from '#edge/services/session-policy.ts'
import { room, userHub } from '#edge/services/stubs.ts'
import type { AppContext, AppEnv, AppMiddleware } from './kit/app-env.ts'

/**
 * The doors of the signaling objects. Here a request's token, version, origin and room are checked and
 * turned into internal headers; the object takes it from there. The three forms of a connection
 * (WebSocket, `/events`, `/messages`) go the same way. Failures before the upgrade are problem+json.
 */

/** Headers of a ticket where no subprotocol can carry it. */
const ticketHeaders = ['ringway-ticket', 'x-ringway-ticket'] as const

interface Caller {
  readonly identity: Identity
  readonly policy: DomainPolicy
  readonly version: WapiVersion
}

/**
 * Any page may read our answers, also our refusals: no cookie speaks for anybody here. Whether a page may
 * act for a domain's users is decided by `isOriginAllowed`.
 */
const crossOrigin: AppMiddleware = async (c, next) => {
  const isUpgrade = isWebSocket(c)
  if (!isUpgrade) {
    c.header('access-control-allow-origin', '*')
    c.header('access-control-expose-headers', 'x-trace-id')
  }
  if (c.req.method !== 'OPTIONS') return next()
  return c.body(null, 204, {
    'access-control-allow-methods': 'GET, POST',
    'access-control-allow-headers': ['authorization', 'content-type', ...ticketHeaders].join(', '),
    'access-control-max-age': '86400',
  })
}

async function toHub(c: AppContext): Promise<Response> {
  const caller = await admit(c, 'login')
  const { identity } = caller
  const capabilities = await capabilityRules(c.env, identity)
  return forward(c, { ...caller, stub: userHub(c.env, identity), headers: { [policyHeader]: toHeader({ capabilities }) } })
}

async function toRoom(c: AppContext): Promise<Response> {
  const caller = await admit(c, 'callcontrol')
  const ticket = ticketOf(c)
  const entry = await roomEntry(c.env, { ...caller, roomId: c.req.param('roomId') ?? '', ticket, connected: isOnConnection(c) })
  return forward(c, { ...caller, stub: room(c.env, entry), headers: { [roomHeader]: toHeader(entry) } })
}

/**
 * @throws AppError `unsupportedVersion`, `unauthenticated`, `tokenExpired`, `tokenRevoked`, `insufficientScope`, `forbidden`
 * for the origin, `serviceNotEnabled`
 */
async function admit(c: AppContext, service: string): Promise<Caller> {
  const version = versionOf(c)
  const identity = await identify(c.req.raw, c.env, 'wapi')
  c.set('caller', identity)
  const { domainId } = identity
  await spendRequest(c.env, identity)
  const origin = c.req.header('origin')
  const host = c.req.header('host') ?? new URL(c.req.url).host
  if (origin !== undefined && !(await isOriginAllowed(c.env, { origin, host, domainId }))) throw new AppError('forbidden')
  const policy = await directory(c.env).policyOf(domainId)
  if (!policy.services.includes(service)) throw new AppError('serviceNotEnabled', { context: { service } })
  return { identity, policy, version }
}

/** A WebSocket names its versions; the fallback, which has no such header, speaks the newest. */
function versionOf(c: AppContext): WapiVersion {
  if (!isWebSocket(c) && isFallback(c)) return wapiVersions[0]
  const { offered } = parseSubprotocols(c.req.header('sec-websocket-protocol') ?? null)
  const version = isWebSocket(c) ? negotiateVersion(offered, wapiVersions) : undefined
  if (version === undefined) throw new AppError('unsupportedVersion', { context: { supported: wapiVersions } })
  return version
}

/** The object sees what was decided here, and of the client's own headers only what a message needs. */
async function forward(
  c: AppContext,
  to: Caller & { stub: Pick<DurableObjectStub, 'fetch'>; headers: Record<string, string> },
): Promise<Response> {
  const headers = new Headers({ ...to.headers, [identityHeader]: toHeader(to.identity), [traceHeader]: c.var.traceId })
  if (isWebSocket(c)) {
    headers.set('upgrade', 'websocket')
    headers.set('sec-websocket-protocol', to.version)
  }
  const { method, body, signal } = c.req.raw
  // One byte too many is enough for the object to refuse it as too large.
  const message = method === 'POST' ? await readAtMost(body, maxClientMessageBytes + 1) : null
  const response = await to.stub.fetch(c.req.url, { method, headers, body: message, signal })
  // What an object answers cannot be changed, and the middlewares add to it.
  return response.webSocket === null ? new Response(response.body, response) : response
}

function ticketOf(c: AppContext): string | undefined {
  const { ticket } = parseSubprotocols(c.req.header('sec-websocket-protocol') ?? null)
  return ticket ?? ticketHeaders.map((name) => c.req.header(name)).find((value) => value !== undefined)
}

const isWebSocket = (c: AppContext): boolean => c.req.header('upgrade')?.toLowerCase() === 'websocket'

const isFallback = (c: AppContext): boolean => c.req.path.endsWith('/events') || c.req.path.endsWith('/messages')

/** A message on a connection that the object has let in, and knows to be the caller's. Who only asks names none. */
const isOnConnection = (c: AppContext): boolean => c.req.path.endsWith('/messages') && (c.req.query('connection') ?? '') !== ''

export const wapiRoutes = new Hono<AppEnv>()
  .use('/wapi/*', crossOrigin)
  .get('/wapi/hub', toHub)
  .get('/wapi/hub/events', toHub)
  .post('/wapi/hub/messages', toHub)
  .get('/wapi/rooms/:roomId', toRoom)
  .get('/wapi/rooms/:roomId/events', toRoom)
  .post('/wapi/rooms/:roomId/messages', toRoom)
