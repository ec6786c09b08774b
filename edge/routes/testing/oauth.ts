import { toBase64Url } from '#edge/auth/bytes.ts'
import { type TokenResponse, tokenResponseSchema } from '#shared/protocol/sapi/oauth.ts'
import { adminToken, call, expectJson, type Made, userPassword } from './api.ts'
import { Browser, type Visit } from './browser.ts'

export const redirectUri = 'https://client.example/callback'
export const verifier = 'a-verifier-of-the-tests-that-is-long-enough-by-far'

export interface TestClient {
  readonly clientId: string
  readonly clientSecret: string
}

/** A client of the domain `a` for the code flow, with a secret unless told otherwise. */
export async function registerClient(data: Record<string, unknown> = {}, fields: Record<string, unknown> = {}): Promise<TestClient> {
  const json = {
    type: 'client',
    domain: 'a',
    data: { name: 'Board', redirectUris: [redirectUri], grantTypes: ['authorization_code', 'refresh_token'], ...data },
    ...fields,
  }
  const made = await call('/sapi/credentials', { json, token: await adminToken() })
  return (await expectJson<Made & { data: TestClient }>(made, 201)).data
}

export async function authorizeUrl(
  client: Pick<TestClient, 'clientId'>,
  parameters: Record<string, string | undefined> = {},
): Promise<string> {
  const all: Record<string, string | undefined> = {
    client_id: client.clientId,
    redirect_uri: redirectUri,
    response_type: 'code',
    scope: 'openid profile email offline_access sapi wapi',
    state: 'the state',
    code_challenge: await challengeOf(verifier),
    code_challenge_method: 'S256',
    ...parameters,
  }
  const given = Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))
  return `/sapi/o/authorize?${new URLSearchParams(given).toString()}`
}

export async function challengeOf(text: string): Promise<string> {
  return toBase64Url(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))))
}

/** Logs in on the page shown. */
export const logIn = (page: Visit, username = 'alice@a'): Promise<Visit> => page.submit({ username, password: userPassword })

export interface Flow {
  readonly browser?: Browser
  readonly username?: string
  readonly parameters?: Record<string, string | undefined>
}

/** Goes through login and consent as far as they are asked for. */
export async function authorize(client: TestClient, { browser = new Browser(), username, parameters }: Flow = {}): Promise<Visit> {
  let page = await browser.open(await authorizeUrl(client, parameters))
  if (page.action.endsWith('/login')) page = await logIn(page, username)
  if (page.action.endsWith('/consent')) page = await page.submit({ decision: 'allow' })
  return page
}

export async function codeFor(client: TestClient, flow: Flow = {}): Promise<string> {
  return (await authorize(client, flow)).answer['code'] ?? ''
}

export const basicOf = ({ clientId, clientSecret }: TestClient) => ({ authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}` })

export const exchange = (client: TestClient, code: string, form: Record<string, string> = {}): Promise<Response> =>
  call('/sapi/o/token', {
    form: { grant_type: 'authorization_code', code, redirect_uri: redirectUri, code_verifier: verifier, ...form },
    headers: basicOf(client),
  })

export async function tokensFor(client: TestClient, flow: Flow = {}): Promise<TokenResponse> {
  return tokenResponseSchema.parse(await expectJson(await exchange(client, await codeFor(client, flow)), 200))
}
