import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test'
import { env as bindings } from 'cloudflare:workers'
import { expect } from 'vitest'
import { app } from '#edge/app.ts'
import { hashPassword } from '#edge/auth/password.ts'
import type { Env } from '#edge/env.ts'
import { oauthErrorSchema, type TokenResponse, tokenResponseSchema } from '#shared/protocol/sapi/oauth.ts'
import { forgetIsolate } from './forget.ts'

/** The Worker's app with its real bindings, as a client sees it. */

export const env = bindings as unknown as Env

export const origin = 'https://edge.example'
export const adminPassword = 'correct horse battery staple'

export interface Call {
  readonly method?: string
  readonly token?: string | undefined
  readonly headers?: Record<string, string>
  /** Sent as JSON. */
  readonly json?: unknown
  /** Sent as a form. */
  readonly form?: Record<string, string>
  /** Sent as it is. */
  readonly body?: BodyInit
  readonly env?: Partial<Env>
}

/** Sends one request and waits until what it deferred is done. */
export async function call(path: string, options: Call = {}): Promise<Response> {
  const { method, token, headers: extra, json, form, body } = options
  const headers = new Headers(extra)
  if (token !== undefined) headers.set('authorization', `Bearer ${token}`)
  if (json !== undefined) headers.set('content-type', 'application/json')
  const sent = json === undefined ? (form === undefined ? body : new URLSearchParams(form)) : JSON.stringify(json)
  const request = new Request(`${origin}${path}`, {
    headers,
    method: method ?? (sent === undefined ? 'GET' : 'POST'),
    ...(sent === undefined ? {} : { body: sent }),
  })
  const ctx = createExecutionContext()
  const response = await app.fetch(request, { ...env, ...options.env }, ctx)
  await waitOnExecutionContext(ctx)
  return response
}

/** The body of an answer that must have this status. */
export async function expectJson<Body = Record<string, unknown>>(response: Response, status: number): Promise<Body> {
  const text = await response.text()
  expect({ status: response.status, text }).toMatchObject({ status })
  return JSON.parse(text)
}

export async function expectProblem(response: Response, status: number, code: string): Promise<Record<string, unknown>> {
  const problem = await expectJson(response, status)
  expect(problem).toMatchObject({ code, status, type: `urn:ringway:error:${code}`, traceId: expect.any(String) })
  return problem
}

/** An error of the OAuth endpoints (RFC 6749 §5.2). */
export async function expectOAuthError(response: Response, status: number, error: string): Promise<Record<string, unknown>> {
  const body = oauthErrorSchema.parse(await expectJson(response, status))
  expect(body).toMatchObject({ error, traceId: expect.any(String) })
  expect(response.headers.get('cache-control')).toBe('no-store')
  return body
}

export const requestToken = (json: Record<string, unknown>, options: Call = {}): Promise<Response> =>
  call('/sapi/o/token', { json, ...options })

export async function login(username: string, password: string): Promise<TokenResponse & { refresh_token: string }> {
  const response = await requestToken({ grant_type: 'password', username, password })
  return tokenResponseSchema.required({ refresh_token: true }).parse(await expectJson(response, 200))
}

let admin: string | undefined

/** An access token of the deployment's first admin. */
export async function adminToken(): Promise<string> {
  admin ??= (await login('admin@default', adminPassword)).access_token
  return admin
}

const tables = [
  'webhooks',
  'outgoing_events',
  'meeting_users',
  'meetings',
  'oauth_codes',
  'oauth_consents',
  'browser_sessions',
  'used_assertions',
  'idempotent_requests',
  'refresh_tokens',
  'revocations',
  'logins',
  'login_failures',
  'known_networks',
  'unrecorded_login_failures',
  'used_federated_states',
  'oauth_identities',
  'oauth_providers',
  'sip_mappings',
  'ims_loans',
  'credentials',
  'contacts',
  'groups',
  'user_settings',
  'users',
  'domain_origins',
  'bootstrap_steps',
  'domains',
]

/** Begins with empty tables, in an isolate that knows nothing. */
export async function startEmpty(): Promise<void> {
  await env.DB.batch(tables.map((table) => env.DB.prepare(`delete from ${table}`)))
  forgetIsolate()
  admin = undefined
}

/** Begins with nothing but the default domain and the first admin, in an isolate that knows nothing. */
export async function startAnew(): Promise<void> {
  await call('/healthz')
  const first = `(select id from users where username = 'admin' and role = 'platform-admin')`
  const home = `(select id from domains where name = 'default')`
  await env.DB.batch(
    [
      'delete from idempotent_requests',
      'delete from webhooks',
      'delete from outgoing_events',
      'delete from meetings',
      'delete from oauth_codes',
      'delete from oauth_consents',
      'delete from browser_sessions',
      'delete from used_assertions',
      'delete from revocations',
      'delete from login_failures',
      'delete from known_networks',
      'delete from unrecorded_login_failures',
      'delete from used_federated_states',
      'delete from oauth_identities',
      'delete from oauth_providers',
      'delete from contacts',
      'delete from groups',
      'delete from user_settings',
      'delete from sip_mappings',
      'delete from domain_origins',
      'delete from bootstrap_steps',
      `delete from logins where user_id <> ${first}`,
      `delete from credentials where coalesce(user_id, '') <> ${first}`,
      `delete from users where id <> ${first}`,
      `delete from domains where id <> ${home}`,
    ].map((statement) => env.DB.prepare(statement)),
  )
  forgetIsolate()
}

export interface Made {
  readonly id: string
  readonly [field: string]: unknown
}

export async function createDomain(domain: string, fields: Record<string, unknown> = {}, token?: string): Promise<Made> {
  const json = { domain, services: { login: [], contacts: ['wac'], callcontrol: [] }, ...fields }
  return expectJson<Made>(await call('/sapi/domains', { json, token: token ?? (await adminToken()) }), 201)
}

/** One slow hash serves all users of the tests. */
export const userPassword = 'a password for all'
let hash: Promise<string> | undefined

/** A user with `userPassword`, made through the API except for the slow hash. */
export async function createUser(domain: string, username: string, fields: Record<string, unknown> = {}): Promise<Made> {
  const json = { domain, username, role: 'user', ...fields }
  const user = await expectJson<Made>(await call('/sapi/users', { json, token: await adminToken() }), 201)
  hash ??= hashPassword(userPassword)
  await env.DB.prepare(
    `insert into credentials (id, type, domain_id, user_id, context, data, secret_hash, lease, expires_at, created_at)
     select ?, 'basic', domain_id, id, '{}', '{}', ?, 0, null, 0 from users where id = ?`,
  )
    .bind(crypto.randomUUID(), await hash, user.id)
    .run()
  return user
}

export const tokenOf = async (username: string): Promise<string> => (await login(username, userPassword)).access_token

/** Tokens of a login that has ended: refused everywhere, inactive to an admin. */
export async function expectDead(tokens: { access_token: string; refresh_token?: string }): Promise<void> {
  await expectProblem(await call('/sapi/users/me', { token: tokens.access_token }), 401, 'tokenRevoked')
  expect(await expectJson(await introspect(tokens.access_token), 200)).toEqual({ active: false })
  if (tokens.refresh_token === undefined) return
  expect(await expectJson(await introspect(tokens.refresh_token), 200)).toEqual({ active: false })
  expect(await expectJson(await requestToken({ grant_type: 'refresh_token', refresh_token: tokens.refresh_token }), 400)).toMatchObject({
    error: 'invalid_grant',
  })
}

const introspect = async (token: string): Promise<Response> => call('/sapi/o/introspect', { form: { token }, token: await adminToken() })
