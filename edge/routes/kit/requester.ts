import { issuerOf } from '#edge/auth/issuer.ts'
import { addressOf } from '#edge/services/entry/client-address.ts'
import type { Requester } from '#edge/services/login/grant.ts'
import type { AppContext } from './app-env.ts'

/** What a request to the OAuth provider brings beside its parameters. */
export function requesterOf(c: AppContext): Requester {
  return {
    issuer: issuerOf(c.req.raw, c.env),
    address: addressOf(c.req.raw, c.env),
    origin: c.req.header('origin'),
    authorization: c.req.header('authorization'),
  }
}
