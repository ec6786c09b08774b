import * as fc from 'fast-check'
import { beforeAll, expect, it } from 'vitest'
import { z } from 'zod'
import { listFederatedQuerySchema, startFederatedQuerySchema } from '#shared/protocol/sapi/federation.ts'
import { tokenHintRequestSchema, tokenRequestSchema } from '#shared/protocol/sapi/oauth.ts'
import { changedTables, type Dump, dump, restore } from './testing/database.ts'
import { forgetIsolate } from './testing/forget.ts'
import { valuesOf } from './testing/fuzz/from-schema.ts'
import { mutated, wickedText } from './testing/fuzz/garbage.ts'
import { insidesIn } from './testing/fuzz/insides.ts'
import { notes, seconds, seed } from './testing/fuzz/settings.ts'
import { createWorld, send, type World } from './testing/matrix/world.ts'

/** The endpoints of OAuth, which no table of ours declares, as fuzz.test.ts does it with the others. */

const text = z.string().optional()
const authorizeSchema = z.object({
  ...{ response_type: z.enum(['code', 'token']), client_id: text, redirect_uri: z.url().optional(), scope: text, state: text },
  ...{ code_challenge: text, code_challenge_method: z.enum(['S256', 'plain']).optional(), prompt: text, max_age: text, ui_locales: text },
})
const logoutSchema = z.object({ id_token_hint: text, post_logout_redirect_uri: text, client_id: text, state: text })

const endpoints = [
  { method: 'POST', path: '/sapi/o/token', schema: tokenRequestSchema },
  { method: 'POST', path: '/sapi/o/revoke', schema: tokenHintRequestSchema },
  { method: 'POST', path: '/sapi/o/introspect', schema: tokenHintRequestSchema },
  { method: 'GET', path: '/sapi/o/userinfo', schema: z.object({}) },
  { method: 'GET', path: '/sapi/o/authorize', schema: authorizeSchema },
  { method: 'POST', path: '/sapi/o/authorize', schema: authorizeSchema },
  { method: 'POST', path: '/sapi/o/authorize/login', schema: z.object({ request: text, token: text, username: text, password: text }) },
  { method: 'POST', path: '/sapi/o/authorize/consent', schema: z.object({ request: text, token: text, decision: text }) },
  { method: 'GET', path: '/sapi/o/logout', schema: logoutSchema },
  { method: 'POST', path: '/sapi/o/logout', schema: logoutSchema },
  { method: 'GET', path: '/sapi/o/federated', schema: listFederatedQuerySchema },
  { method: 'GET', path: '/sapi/o/federated/nobody', schema: startFederatedQuerySchema },
  { method: 'GET', path: '/sapi/o/federated/callback', schema: z.object({ state: text, code: text, error: text, iss: text }) },
] as const

const budget = (seconds * 300) / endpoints.length

let world: World
let start: Dump

beforeAll(async () => {
  world = await createWorld()
  start = await dump()
}, 60_000)

it.each(endpoints)(
  '$method $path',
  async ({ method, path, schema }) => {
    const requests = requestsOf(schema)
    const property = fc.asyncProperty(requests, ({ value, as, authorization }) => tried({ method, path, value, as, authorization }))
    await fc.assert(property, { seed, numRuns: 1_000_000, plugins: [fc.interruptAfterTimeLimit(budget)] })
  },
  60_000 + budget * 4,
)

function requestsOf(schema: z.ZodType) {
  const { home } = world
  const tokens = [...Object.values(home.parties).map(({ token }) => token), world.platformAdmin.token]
  const names = Object.values(home.parties).map(({ username }) => username)
  const values = valuesOf(schema, { texts: [...tokens, ...names, `@${home.domain}`, home.domain, 'client-x'] })
  return fc.record({
    value: fc.oneof(values, mutated(values)),
    as: fc.constantFrom('form', 'json', 'twice', 'garbage'),
    authorization: fc.oneof(
      fc.constant(undefined),
      fc.constantFrom(
        ...tokens.map((token) => `Bearer ${token}`),
        'Bearer',
        'Bearer x.y.z',
        'Basic',
        'Basic !!!',
        `Basic ${btoa('a:b:c')}`,
        `Basic ${btoa('%zz:%zz')}`,
      ),
      wickedText.map((wicked) => `Basic ${btoa(encodeURIComponent(wicked.slice(0, 200).toWellFormed()))}`),
    ),
  })
}

interface Tried {
  readonly method: string
  readonly path: string
  readonly value: unknown
  readonly as: string
  readonly authorization: string | undefined
}

async function tried({ method, path, value, as, authorization }: Tried): Promise<void> {
  const form = formOf(value)
  const sent = method === 'GET' ? form : { form, json: JSON.stringify(value) ?? '', twice: `${form}&${form}`, garbage: '{' }[as]
  const type = as === 'json' ? 'application/json' : 'application/x-www-form-urlencoded'
  const headers = { 'content-type': type, ...(authorization === undefined ? {} : { authorization }) }
  const url = method === 'GET' ? `${path}?${form}`.slice(0, 7_000) : path
  const response = await send(url, { method, headers, ...(method === 'GET' ? {} : { body: sent ?? '' }) })
  const answer = await response.text()
  const changed = changedTables(start, await dump(), { except: [] })
  if (changed.length > 0) {
    await restore(start)
    forgetIsolate()
  }
  const { status } = response
  expect({ status, answer, faulty: status >= 500 }).toEqual({ status, answer, faulty: false })
  expect(insidesIn(answer, `${url}${sent ?? ''}`)).toEqual([])
  if (status >= 400) expect({ answer, changed: changed.filter((name) => !notes.includes(name)) }).toEqual({ answer, changed: [] })
}

function formOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return new URLSearchParams({ value: String(value) }).toString()
  const entries = Object.entries(value).filter(([, item]) => item !== undefined)
  return new URLSearchParams(
    entries.map(([name, item]) => [name, typeof item === 'object' ? JSON.stringify(item) : String(item)]),
  ).toString()
}
