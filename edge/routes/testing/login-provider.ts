import { exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose'
import { vi } from 'vitest'

/**
 * A login provider that does as it is told, behind this isolate's `fetch`: the rules are tested against every
 * kind of misbehaviour here, and against a real provider in test/browser/federation.test.ts.
 */
export class LoginProvider {
  readonly issuer: string
  readonly clientId = 'ringway'
  readonly clientSecret = 'the secret of ringway'
  /** Over what it says of itself. */
  metadata: Record<string, unknown> = {}
  /** What its ID tokens say, over what is right. */
  idToken: JWTPayload = {}
  /** Signs with a key that it does not publish. */
  forges = false
  /** Its answers, by path, instead of its own. */
  readonly answers = new Map<string, () => Response | Promise<Response>>()
  userInfo: Record<string, unknown> = {}
  introspection: Record<string, unknown> = { active: false }
  /** Of the token endpoint, beside the ID token. */
  tokens: Record<string, unknown> = { access_token: 'access 1', token_type: 'Bearer', expires_in: 600, refresh_token: 'refresh 1' }
  readonly requests: { path: string; body: URLSearchParams; authorization: string | null }[] = []
  readonly #key: CryptoKey
  readonly #stranger: CryptoKey
  readonly #jwk: JWK
  /** By the code that is exchanged for it. */
  readonly #nonces = new Map<string, string>()

  private constructor(issuer: string, keys: { key: CryptoKey; stranger: CryptoKey; jwk: JWK }) {
    this.issuer = issuer
    this.#key = keys.key
    this.#stranger = keys.stranger
    this.#jwk = keys.jwk
  }

  static async start(issuer = 'https://id.example'): Promise<LoginProvider> {
    const { publicKey, privateKey } = await generateKeyPair('ES256')
    const stranger = await generateKeyPair('ES256')
    const jwk = { ...(await exportJWK(publicKey)), kid: 'k1', alg: 'ES256', use: 'sig' }
    const provider = new LoginProvider(issuer, { key: privateKey, stranger: stranger.privateKey, jwk })
    vi.stubGlobal('fetch', async (url: URL | string, init?: RequestInit) => provider.#answer(new Request(url, init)))
    return provider
  }

  /** As an admin configures it. */
  get configuration(): Record<string, unknown> {
    return { name: 'acme-id', displayName: 'Acme ID', issuer: this.issuer, clientId: this.clientId, clientSecret: this.clientSecret }
  }

  /** The user has signed in: where its browser comes back to, for a request that began with this URL. */
  signedIn(location: string, extra: Record<string, string> = {}): string {
    const { searchParams } = new URL(location)
    const code = `code-${this.#nonces.size}`
    this.#nonces.set(code, searchParams.get('nonce') ?? '')
    const back = new URL(searchParams.get('redirect_uri') ?? '')
    back.search = new URLSearchParams({ code, state: searchParams.get('state') ?? '', ...extra }).toString()
    return back.pathname + back.search
  }

  async token(claims: JWTPayload = {}, header: Record<string, unknown> = {}): Promise<string> {
    const now = Math.floor(Date.now() / 1000)
    const right: JWTPayload = { iss: this.issuer, aud: this.clientId, sub: 'subject-1', iat: now, exp: now + 300 }
    const payload = Object.fromEntries(Object.entries({ ...right, ...claims }).filter(([, value]) => value !== undefined))
    return new SignJWT(payload).setProtectedHeader({ alg: 'ES256', kid: 'k1', ...header }).sign(this.forges ? this.#stranger : this.#key)
  }

  async #answer(request: Request): Promise<Response> {
    const { origin, pathname } = new URL(request.url)
    if (origin !== new URL(this.issuer).origin) throw new TypeError(`Nothing answers at ${origin}`)
    const body = new URLSearchParams(request.method === 'POST' ? new TextDecoder().decode(await request.arrayBuffer()) : '')
    this.requests.push({ path: pathname, body, authorization: request.headers.get('authorization') })
    const own = this.answers.get(pathname)
    if (own !== undefined) return own()
    switch (pathname) {
      case '/.well-known/openid-configuration':
        return Response.json(this.#metadata())
      case '/keys':
        return Response.json({ keys: [this.#jwk] })
      case '/token':
        return Response.json({
          ...this.tokens,
          id_token: await this.token({ nonce: this.#nonces.get(body.get('code') ?? ''), ...this.idToken }),
        })
      case '/userinfo':
        return Response.json({ sub: 'subject-1', ...this.userInfo })
      case '/introspect':
        return Response.json(this.introspection)
      default:
        return new Response('Not found', { status: 404 })
    }
  }

  #metadata(): Record<string, unknown> {
    return {
      issuer: this.issuer,
      authorization_endpoint: `${this.issuer}/authorize`,
      token_endpoint: `${this.issuer}/token`,
      userinfo_endpoint: `${this.issuer}/userinfo`,
      jwks_uri: `${this.issuer}/keys`,
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['ES256'],
      code_challenge_methods_supported: ['S256'],
      ...this.metadata,
    }
  }
}
