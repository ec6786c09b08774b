import { errors, type JSONWebKeySet, jwtVerify, SignJWT } from 'jose'
import type { z } from 'zod'
import { AppError } from '#shared/errors/AppError.ts'
import { newId } from '#shared/ids/ids.ts'
import {
  type AccessTokenClaims,
  accessTokenClaimsSchema,
  type HostTicketClaims,
  hostTicketClaimsSchema,
  type Jurisdiction,
  type RoomTicketClaims,
  roomTicketClaimsSchema,
} from '#shared/protocol/tokens.ts'
import { type Clock, systemClock } from '#shared/time/clock.ts'
import type { Identity } from '#edge/domain/identity.ts'
import type { Env } from '#edge/env.ts'
import { configuredIssuer } from './issuer.ts'
import { isRevoked } from './revocations.ts'
import { type KeysEnv, publishedKeys, signingAlgorithm, signingKey, verificationKey } from './signing-keys.ts'

export type TokensEnv = KeysEnv & Pick<Env, 'RINGWAY_ISSUER'>

/** Who an access token speaks for. */
export type AccessTokenSubject = Pick<Identity, 'userId' | 'domainId' | 'role' | 'loginId' | 'username' | 'displayName' | 'jurisdiction'>

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
  /** @throws AppError `unauthenticated`, `tokenExpired` or `tokenRevoked`. */
  verifyAccessToken(token: string): Promise<Identity>
  /** The claims of a genuine, unexpired access token, whether or not it is revoked. */
  readAccessToken(token: string): Promise<AccessTokenClaims>
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
const types = { access: 'at+jwt', room: 'ringway-room+jwt', host: 'ringway-host+jwt' } as const

/** A token longer than this is not ours. */
const maxTokenLength = 8192

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
  const readAccessToken = (token: string): Promise<AccessTokenClaims> => verify(token, types.access, accessTokenClaimsSchema)

  return {
    async signAccessToken({ userId, domainId, loginId, ...subject }, { issuer, lifetime }) {
      const iat = seconds()
      const exp = iat + lifetime
      const claims = { ...subject, iss: issuer, aud: 'ringway', sub: userId, domain: domainId, sid: loginId, jti: newId(), iat, exp }
      return { token: await sign(types.access, claims), expiresAt: exp * 1000 }
    },
    readAccessToken,
    async verifyAccessToken(token) {
      const claims = await readAccessToken(token)
      if (await isRevoked(env, claims.sid, clock)) throw new AppError('tokenRevoked')
      return identityOf(claims)
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
    tokenExpiresAt: claims.exp * 1000,
  }
}
