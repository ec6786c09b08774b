import { createLocalJWKSet, decodeJwt, errors, jwtVerify } from 'jose'
import { z } from 'zod'
import { sha256 } from '#edge/auth/bytes.ts'
import { useAssertion } from '#edge/db/d1/used-assertions.ts'
import type { Scope } from '../scope.ts'
import { clientKeys } from './client-keys.ts'
import type { Client } from './clients.ts'

/** Signatures that only the holder of a private key can make; never `none`, never a shared secret (RFC 8725 §3.1). */
export const assertionAlgorithms = ['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519', 'PS256', 'PS384', 'PS512', 'RS256', 'RS384', 'RS512']

/** Seconds: an assertion is made for one request, and its id is remembered for as long as it is good. */
const longestLife = 600
const clockSkew = 30

const subjectSchema = z.object({ iss: z.string().min(1).max(128), sub: z.string().min(1).max(128) })
const claimsSchema = z.object({ jti: z.string().min(1).max(512), exp: z.number() })

/** Whom an assertion names, before it is known whether it is genuine (RFC 7523 §3: issuer and subject are the client). */
export function assertedClientId(assertion: string): string | undefined {
  try {
    const { data } = subjectSchema.safeParse(decodeJwt(assertion))
    return data !== undefined && data.iss === data.sub ? data.sub : undefined
  } catch {
    return undefined
  }
}

/** RFC 7523 §3: genuine, for this deployment and no other, still good, and never seen before. */
export async function verifyAssertion(
  scope: Scope,
  client: Client,
  { assertion, issuer }: { assertion: string; issuer: string },
): Promise<boolean> {
  const claims = await genuineClaims(scope, client, { assertion, audiences: [issuer, `${issuer}/sapi/o/token`] })
  if (claims === undefined) return false
  const expiresAt = (claims.exp + clockSkew) * 1000
  return useAssertion(scope.db, { clientId: client.id, jti: await sha256(`assertion ${claims.jti}`), expiresAt })
}

async function genuineClaims(
  scope: Scope,
  client: Client,
  { assertion, audiences }: { assertion: string; audiences: string[] },
): Promise<z.infer<typeof claimsSchema> | undefined> {
  const verify = async (fresh: boolean) => {
    const keys = await clientKeys(scope, client, { fresh })
    return jwtVerify(assertion, createLocalJWKSet(keys), {
      algorithms: assertionAlgorithms,
      issuer: client.id,
      subject: client.id,
      audience: audiences,
      clockTolerance: clockSkew,
      currentDate: new Date(scope.clock.now()),
      requiredClaims: ['jti', 'exp'],
    })
  }
  try {
    const { payload } = await verify(false).catch((error: unknown) => {
      // The client may have changed its keys since they were fetched.
      if (client.data.jwksUri !== undefined && error instanceof errors.JWKSNoMatchingKey) return verify(true)
      throw error
    })
    // An assertion for several servers could be handed on by one of them to another.
    if (Array.isArray(payload.aud) && payload.aud.length !== 1) return undefined
    const claims = claimsSchema.parse(payload)
    return claims.exp * 1000 - scope.clock.now() <= (longestLife + clockSkew) * 1000 ? claims : undefined
  } catch (error) {
    scope.logger.info('client.assertionRefused', { clientId: client.id, error })
    return undefined
  }
}
