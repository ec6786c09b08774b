import { credentialOperations } from './credentials.ts'
import { domainOperations } from './domains.ts'
import { oauthProviderOperations } from './federation.ts'
import { groupOperations } from './groups.ts'
import { meetingOperations } from './meetings.ts'
import { reachabilityOperations } from './reachability.ts'
import { sessionOperations } from './sessions.ts'
import { sipMappingOperations } from './sip-mappings.ts'
import { userOperations } from './users.ts'

/**
 * Every operation of the REST API but those of `/sapi/o` (oauth.ts), by its id. What is routed and is not here, or
 * the other way round, fails a test; so does an operation that nobody says how to test (edge/routes/testing/matrix).
 */
export const operations = {
  ...domainOperations,
  ...meetingOperations,
  ...userOperations,
  ...oauthProviderOperations,
  ...groupOperations,
  ...credentialOperations,
  ...sipMappingOperations,
  ...sessionOperations,
  ...reachabilityOperations,
} as const

export type OperationId = keyof typeof operations
