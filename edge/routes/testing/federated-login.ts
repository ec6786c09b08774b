import { sha256 } from '#edge/auth/bytes.ts'
import type { Env } from '#edge/env.ts'
import { call, expectJson, requestToken } from './api.ts'
import type { LoginProvider } from './login-provider.ts'

/** A browser on its way to a provider and back, and the page that it comes back to. */

export const verifier = 'a-verifier-that-only-the-page-knows-0123456789'

export interface Way {
  readonly provider?: string
  /** Null: none is named. */
  readonly domain?: string | null
  readonly returnTo?: string
  readonly env?: Partial<Env>
}

export async function start({ provider = 'acme-id', domain = 'a', returnTo = '/phone', env }: Way = {}): Promise<Response> {
  const query = new URLSearchParams({ return_to: returnTo, code_challenge: await sha256(verifier) })
  if (domain !== null) query.set('domain', domain)
  return call(`/sapi/o/federated/${provider}?${query.toString()}`, env === undefined ? {} : { env })
}

/** The cookie as a browser sends it. */
export const cookieOf = (response: Response): string => response.headers.get('set-cookie')?.split(';')[0] ?? ''

export const locationOf = (response: Response): string => response.headers.get('location') ?? ''

/** What stands behind `#` of where the browser is sent. */
export const fragmentOf = (response: Response): URLSearchParams => new URLSearchParams(new URL(locationOf(response)).hash.slice(1))

/** To the provider, signed in there, and back. */
export async function wayBack(provider: LoginProvider, way: Way = {}): Promise<Response> {
  const begun = await start(way)
  if (begun.status !== 303) throw new Error(`It does not begin: ${begun.status} ${await begun.text()}`)
  return call(provider.signedIn(locationOf(begun)), {
    headers: { cookie: cookieOf(begun) },
    ...(way.env === undefined ? {} : { env: way.env }),
  })
}

export const exchange = (code: string, way: Way & { verifier?: string } = {}): Promise<Response> =>
  requestToken(
    { grant_type: 'urn:ringway:federated-code', code, code_verifier: way.verifier ?? verifier },
    way.env === undefined ? {} : { env: way.env },
  )

/** The whole way; the tokens that the page gets. */
export async function federatedLogin(provider: LoginProvider, way: Way = {}): Promise<{ access_token: string; refresh_token: string }> {
  const code = fragmentOf(await wayBack(provider, way)).get('federated_code') ?? ''
  return expectJson(await exchange(code, way), 200)
}

/** The code of the error that the page is told. */
export async function failureOf(provider: LoginProvider, way: Way = {}): Promise<string | null> {
  return fragmentOf(await wayBack(provider, way)).get('federated_error')
}
