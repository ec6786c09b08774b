import { AppError } from '#shared/errors/AppError.ts'
import type { ScopeName } from '#shared/protocol/sapi/clients.ts'
import { parseSubprotocols } from '#shared/protocol/versions.ts'
import type { Identity } from '#edge/domain/identity.ts'
import { tokenService, type TokensEnv } from './tokens.ts'

/**
 * Who sends this request to this API: the bearer token of its `Authorization` header (RFC 6750 §2.1) or of its
 * WebSocket subprotocols.
 * @throws AppError `unauthenticated`, `tokenExpired`, `tokenRevoked` or `insufficientScope`.
 */
export async function identify(request: Request, env: TokensEnv, api: ScopeName = 'sapi'): Promise<Identity> {
  const token = bearerOf(request)
  if (token === undefined) throw new AppError('unauthenticated')
  return tokenService(env).verifyAccessToken(token, api)
}

export function bearerOf(request: Request): string | undefined {
  const header = request.headers.get('authorization')
  if (header === null) return parseSubprotocols(request.headers.get('sec-websocket-protocol')).bearer
  return /^bearer +([\w.~+/=-]+) *$/i.exec(header)?.[1]
}
