import { errors, type JSONWebKeySet, jwtVerify, SignJWT } from 'jose'
import type { z } from 'zod'
import { AppError } from '#shared/errors/AppError.ts'
import { newId } from '#shared/ids/ids.ts'
import type { ScopeName } from '#shared/protocol/sapi/clients.ts'
import {
  type AccessTokenClaims,
  accessTokenClaimsSchema,
  type HostTicketClaims,
  hostTicketClaimsSchema,
  type IdTokenHint,
  idTokenHintSchema,
  type Jurisdiction,
  type RoomTicketClaims,
  roomTicketClaimsSchema,
} from '#shared/protocol/tokens.ts'
import { type Clock, systemClock } from '#shared/time/clock.ts'
import type { Identity } from '#edge/domain/identity.ts'
import type { Env } from '#edge/env.ts'
import { TtlCache } from '#edge/TtlCache.ts'
import { configuredIssuer } from './issuer.ts'
import { isRevoked } from './revocations.ts'
import { requireScope } from './scopes.ts'
import { type KeysEnv, publishedKeys, signingAlgorithm, signingKey, verificationKey } from './signing-keys.ts'

export type TokensEnv = KeysEnv & Pick<Env, 'RINGWAY_ISSUER'>

/** Who an access token speaks for. */
export interface AccessTokenSubject extends Pick<
  Identity,
  'userId' | 'domainId' | 'role' | 'loginId' | 'username' | 'displayName' | 'jurisdiction' | 'clientId'
> {
  readonly scope?: readonly string[]
  /** Seconds. */
  readonly authTime?: number
}

/** Claims of an ID token beside those that every token has (OpenID Connect Core §2). */
export interface IdTokenClaims {
  readonly sub: string
  /** The client. */
  readonly aud: string
  readonly [claim: string]: unknown
}

/** Whom a ticket lets reach which room, and for how long. */
interface TicketGrant {
  /** Name of the room's object. */
  readonly room: string
  readonly jurisdiction?: Jurisdiction
  readonly ttlSeconds: number
}

/** Signs and verifies every token of the deployment. Verifying costs no database read once an isolate is warm. */
export interface TokenService {
  /** `issuer` is a URL without trailing slash; `lifetime` in seconds. */
  signAccessToken(subject: AccessTokenSubject, options: { issuer: string; lifetime: number }): Promise<{ token: string; expiresAt: number }>
  /**
   * `api`: the one that it is brought to, which its scope must name.
   * @throws AppError `unauthenticated`, `tokenExpired`, `tokenRevoked` or `insufficientScope`.
   */
  verifyAccessToken(token: string, api: ScopeName): Promise<Identity>
  /** The claims of a genuine, unexpired access token, whether or not it is revoked. */
  readAccessToken(token: string): Promise<AccessTokenClaims>
  /** `lifetime` in seconds. */
  signIdToken(claims: IdTokenClaims, options: { issuer: string; lifetime: number }): Promise<string>
  /** Claims of an ID token that was ours, expired or not: a hint of who was logged in, no proof (OpenID Connect RP-Initiated Logout §2). */
  readIdTokenHint(token: string): Promise<IdTokenHint | undefined>
  signRoomTicket(grant: TicketGrant & { userId: string }): Promise<string>
  /** @throws AppError `unauthenticated` or `tokenExpired`. */
  verifyRoomTicket(ticket: string): Promise<RoomTicketClaims>
  signHostTicket(grant: TicketGrant & { hostId: string }): Promise<string>
  /** @throws AppError `unauthenticated` or `tokenExpired`. */
  verifyHostTicket(ticket: string): Promise<HostTicketClaims>
  /** The public keys, as in `/.well-known/jwks.json`. */
  publicKeys(): Promise<JSONWebKeySet>
}

/** RFC 8725 §3.11: each kind of token has a type of its own, so that none passes for another. */
const types = { access: 'at+jwt', id: 'JWT', room: 'ringway-room+jwt', host: 'ringway-host+jwt' } as const

/** A token longer than this is not ours. */
const maxTokenLength = 8192

/** Milliseconds that a verified access token need not be verified again: most requests come in runs. */
const rememberedFor = 300_000

const services = new WeakMap<TokensEnv, TokenService>()

export function tokenService(env: TokensEnv, options: { clock?: Clock } = {}): TokenService {
  if (options.clock !== undefined) return createTokenService(env, options.clock)
  const existing = services.get(env)
  if (existing !== undefined) return existing
  const service = createTokenService(env, systemClock)
  services.set(env, service)
  return service
}

function createTokenService(env: TokensEnv, clock: Clock): TokenService {
  // Without a configured issuer, each request's own origin is one.
  const issuer = configuredIssuer(env)
  const expectedIssuer = issuer === undefined ? {} : { issuer }

  const sign = async (type: string, claims: { aud: string; sub: string; exp: number; [claim: string]: unknown }): Promise<string> => {
    const { kid, key } = await signingKey(env, clock)
    return new SignJWT(claims).setProtectedHeader({ alg: signingAlgorithm, kid, typ: type }).sign(key)
  }

  const verify = async <Schema extends z.ZodType>(token: string, type: string, schema: Schema): Promise<z.infer<Schema>> => {
    if (token.length > maxTokenLength) throw new AppError('unauthenticated')
    try {
      const { payload } = await jwtVerify(token, ({ kid }) => keyOf(kid), {
        algorithms: [signingAlgorithm],
        typ: type,
        currentDate: new Date(clock.now()),
        ...(type === types.access ? expectedIssuer : {}),
      })
      return schema.parse(payload)
    } catch (cause) {
      if (cause instanceof AppError) throw cause
      throw new AppError(cause instanceof errors.JWTExpired ? 'tokenExpired' : 'unauthenticated', { cause })
    }
  }

  const keyOf = async (kid: string | undefined): Promise<CryptoKey> => {
    const key = kid === undefined ? undefined : await verificationKey(env, kid, clock)
    if (key === undefined) throw new AppError('unauthenticated')
    return key
  }

  const seconds = (): number => Math.floor(clock.now() / 1000)
  /** A signature does not change its mind; whether the token has expired or was revoked is asked each time. */
  const verified = new TtlCache<AccessTokenClaims>({ capacity: 10_000, clock })
  const readAccessToken = async (token: string): Promise<AccessTokenClaims> => {
    const known = verified.get(token)
    if (known !== undefined) return known
    const claims = await verify(token, types.access, accessTokenClaimsSchema)
    verified.set(token, claims, Math.min(claims.exp * 1000 - clock.now(), rememberedFor))
    return claims
  }

  return {
    async signAccessToken({ userId, domainId, loginId, clientId, scope, authTime, ...subject }, { issuer, lifetime }) {
      const iat = seconds()
      const exp = iat + lifetime
      const claims = {
        ...subject,
        ...(clientId === undefined ? {} : { client_id: clientId }),
        ...(scope === undefined ? {} : { scope: scope.join(' ') }),
        ...(authTime === undefined ? {} : { auth_time: authTime }),
        iss: issuer,
        aud: 'ringway',
        sub: userId,
        domain: domainId,
        sid: loginId,
        jti: newId(),
        iat,
        exp,
      }
      return { token: await sign(types.access, claims), expiresAt: exp * 1000 }
    },
    readAccessToken,
    async verifyAccessToken(token, api) {
      const claims = await readAccessToken(token)
      if (await isRevoked(env, claims.sid, clock)) throw new AppError('tokenRevoked')
      const identity = identityOf(claims)
      requireScope(identity, api)
      return identity
    },
    async signIdToken(claims, { issuer, lifetime }) {
      const iat = seconds()
      return sign(types.id, { ...claims, iss: issuer, iat, exp: iat + lifetime })
    },
    async readIdTokenHint(token) {
      if (token.length > maxTokenLength) return undefined
      try {
        const { payload } = await jwtVerify(token, ({ kid }) => keyOf(kid), {
          algorithms: [signingAlgorithm],
          typ: types.id,
          // Whether it has expired is not asked.
          currentDate: new Date(0),
          ...expectedIssuer,
        })
        return idTokenHintSchema.safeParse(payload).data
      } catch (thrown) {
        if (thrown instanceof errors.JOSEError || AppError.from(thrown).code === 'unauthenticated') return undefined
        throw thrown
      }
    },
    signRoomTicket: ({ userId, ttlSeconds, ...grant }) =>
      sign(types.room, { ...grant, aud: 'ringway:room', sub: userId, exp: seconds() + ttlSeconds }),
    verifyRoomTicket: (ticket) => verify(ticket, types.room, roomTicketClaimsSchema),
    signHostTicket: ({ hostId, ttlSeconds, ...grant }) =>
      sign(types.host, { ...grant, aud: 'ringway:host', sub: hostId, exp: seconds() + ttlSeconds }),
    verifyHostTicket: (ticket) => verify(ticket, types.host, hostTicketClaimsSchema),
    publicKeys: () => publishedKeys(env, clock),
  }
}

function identityOf(claims: AccessTokenClaims): Identity {
  return {
    userId: claims.sub,
    domainId: claims.domain,
    role: claims.role,
    loginId: claims.sid,
    username: claims.username,
    ...(claims.displayName === undefined ? {} : { displayName: claims.displayName }),
    ...(claims.jurisdiction === undefined ? {} : { jurisdiction: claims.jurisdiction }),
    ...(claims.client_id === undefined ? {} : { clientId: claims.client_id }),
    ...(claims.scope === undefined ? {} : { scope: claims.scope.split(' ') }),
    tokenExpiresAt: claims.exp * 1000,
  }
}
