import { createServer, type IncomingMessage, request as httpRequest, type Server, type ServerResponse } from 'node:http'
import { decodeJwt, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose'
import { Provider } from 'oidc-provider'
import { z } from 'zod'

/** What the proxy makes of the provider's answers. Where claims are changed, they are signed with a key that the provider publishes. */
export type Fault =
  | 'none'
  /** Where tokens are asked for, connections are closed without an answer. */
  | 'down'
  | 'wrongNonce'
  | 'wrongIssuer'
  | 'wrongAudience'
  | 'expired'
  /** Another subject under the signature of the first. */
  | 'tampered'
  /** A key that the provider does not publish. */
  | 'forged'
  /** No signature at all. */
  | 'unsigned'

export const clientId = 'ringway-test'
export const clientSecret = 'the-secret-of-ringway-at-the-provider'

const tokensSchema = z.looseObject({ id_token: z.string(), access_token: z.string() })
const keysSchema = z.looseObject({ keys: z.array(z.record(z.string(), z.unknown())) })

interface Keys {
  readonly published: CryptoKey
  readonly publishedJwk: Readonly<Record<string, unknown>>
  readonly secret: CryptoKey
}

/** A real OpenID provider (npm `oidc-provider`) with its own login pages, behind a proxy that alters its answers where a test asks for it. */
export class LoginProvider {
  /** Of the provider as everybody knows it: the proxy's address. */
  readonly issuer: string
  fault: Fault = 'none'
  /** Every token that it has issued, to look for where none may be. */
  readonly issued: string[] = []
  readonly #servers: readonly Server[]
  readonly #keys: Keys

  private constructor(issuer: string, servers: readonly Server[], keys: Keys) {
    this.issuer = issuer
    this.#servers = servers
    this.#keys = keys
  }

  /** `redirectUri`: where Ringway is told that somebody has signed in. */
  static async start({ redirectUri }: { redirectUri: string }): Promise<LoginProvider> {
    const inner = createServer()
    const outer = createServer()
    const [innerPort, outerPort] = [await listen(inner), await listen(outer)]
    const issuer = `http://127.0.0.1:${outerPort}`
    const real = new Provider(issuer, {
      clients: [{ client_id: clientId, client_secret: clientSecret, redirect_uris: [redirectUri], grant_types: ['authorization_code'] }],
      claims: { openid: ['sub'], profile: ['name', 'preferred_username'], email: ['email', 'email_verified'] },
      cookies: { keys: ['a key for the cookies of the tests'] },
      features: { devInteractions: { enabled: true } },
      pkce: { required: () => true },
      findAccount: (_, id) => ({
        accountId: id,
        claims: () => ({
          sub: id,
          preferred_username: id,
          name: `${id} of the provider`,
          email: `${id}@provider.example`,
          email_verified: true,
        }),
      }),
    })
    inner.on('request', real.callback())
    const [published, secret] = [await generateKeyPair('RS256'), await generateKeyPair('RS256')]
    const publishedJwk = { ...(await exportJWK(published.publicKey)), kid: 'of-the-proxy', alg: 'RS256', use: 'sig' }
    const provider = new LoginProvider(issuer, [outer, inner], { published: published.privateKey, publishedJwk, secret: secret.privateKey })
    outer.on('request', (incoming: IncomingMessage, response: ServerResponse) => provider.#forward(incoming, response, innerPort))
    return provider
  }

  async close(): Promise<void> {
    await Promise.all(
      this.#servers.map((server) => {
        server.closeAllConnections()
        return new Promise((resolve) => server.close(resolve))
      }),
    )
  }

  #forward(incoming: IncomingMessage, response: ServerResponse, port: number): void {
    const { method, url, headers } = incoming
    if (this.fault === 'down' && url === '/token') return void incoming.socket.destroy()
    const outgoing = httpRequest({ host: '127.0.0.1', port, method, path: url, headers }, (answer) => {
      void this.#answer(answer, response, url ?? '').catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined))
    })
    outgoing.on('error', () => response.destroy())
    incoming.pipe(outgoing)
  }

  async #answer(answer: IncomingMessage, response: ServerResponse, url: string): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of answer) chunks.push(Buffer.from(chunk))
    const body = await this.#altered(url, answer.statusCode ?? 502, Buffer.concat(chunks))
    const { 'content-length': _, 'transfer-encoding': __, ...headers } = answer.headers
    response.writeHead(answer.statusCode ?? 502, { ...headers, 'content-length': body.length })
    response.end(body)
  }

  async #altered(url: string, status: number, body: Buffer): Promise<Buffer> {
    if (status !== 200) return body
    if (url.startsWith('/jwks')) {
      const { keys, ...rest } = keysSchema.parse(JSON.parse(body.toString()))
      return Buffer.from(JSON.stringify({ ...rest, keys: [...keys, this.#keys.publishedJwk] }))
    }
    if (!url.startsWith('/token')) return body
    const tokens = tokensSchema.parse(JSON.parse(body.toString()))
    const altered = { ...tokens, id_token: await this.#alteredToken(tokens.id_token) }
    this.issued.push(altered.id_token, altered.access_token)
    return Buffer.from(JSON.stringify(altered))
  }

  async #alteredToken(token: string): Promise<string> {
    const claims = decodeJwt(token)
    const now = Math.floor(Date.now() / 1000)
    switch (this.fault) {
      case 'none':
      case 'down':
        return token
      case 'wrongNonce':
        return this.#sign({ ...claims, nonce: 'of-another-login' })
      case 'wrongIssuer':
        return this.#sign({ ...claims, iss: 'https://another-provider.example' })
      case 'wrongAudience':
        return this.#sign({ ...claims, aud: 'another-client' })
      case 'expired':
        return this.#sign({ ...claims, iat: now - 7200, exp: now - 3600 })
      case 'forged':
        return this.#sign(claims, this.#keys.secret)
      case 'tampered': {
        const [header = '', , signature = ''] = token.split('.')
        return [header, encoded({ ...claims, sub: 'somebody-else' }), signature].join('.')
      }
      case 'unsigned':
        return `${encoded({ alg: 'none' })}.${encoded(claims)}.`
    }
  }

  #sign(claims: JWTPayload, key: CryptoKey = this.#keys.published): Promise<string> {
    return new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'of-the-proxy' }).sign(key)
  }
}

const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new TypeError('The server does not listen on a port')
  return address.port
}
