import { z } from 'zod'
import { roleSchema } from '../tokens.ts'
import { defineOperations, result } from './operation.ts'

/** `POST /sapi/identity`: whether a subscriber's access token is valid and what it permits, for gateways (AUTH-5). */

const identityCheckSchema = z.object({ token: z.string().min(1).max(8192).describe('An access token') })

const checkedIdentitySchema = z.discriminatedUnion('valid', [
  z.object({ valid: z.literal(false) }).describe('Expired, revoked, of no use any more, or of nobody whom the caller may know of'),
  z.object({
    valid: z.literal(true),
    user: z.string().describe('Id'),
    username: z.string().describe('`username@domain`'),
    domain: z.string().describe('Name'),
    role: roleSchema,
    capabilities: z.array(z.string()).describe('Without those that depend on the media stack of a client'),
    services: z.array(z.string()),
    scope: z.array(z.string()).nullable().describe('What the token is good for; null: everything that the user may do'),
    expires: z.number().describe('Milliseconds since the epoch'),
  }),
])
export type CheckedIdentity = z.infer<typeof checkedIdentitySchema>

export const identityOperations = defineOperations({
  checkIdentity: {
    method: 'post',
    path: '/identity',
    tag: 'Login control',
    summary: 'Check the access token of a subscriber',
    description:
      'For media and SIP gateways: an OAuth client asks about users of its domain and those under it, an admin about users of its domains. ' +
      'The answer is exact at this moment; a token may have ended before it expires.',
    access: 'user',
    body: identityCheckSchema,
    answer: result(checkedIdentitySchema),
    reads: true,
  },
})
