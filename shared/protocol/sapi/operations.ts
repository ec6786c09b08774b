import { auditOperations } from './audit.ts'
import { credentialOperations } from './credentials.ts'
import { domainOperations } from './domains.ts'
import { oauthProviderOperations } from './federation.ts'
import { oauthIdentityOperations } from './oauth-identities.ts'
import { capabilityOperations } from './capabilities.ts'
import { callRecordOperations } from './cdrs.ts'
import { consentOperations } from './consents.ts'
import { contactOperations } from './contacts.ts'
import { groupOperations } from './groups.ts'
import { settingsOperations } from './user-settings.ts'
import { identityOperations } from './identity.ts'
import { loginControlOperations } from './login-control.ts'
import { meetingOperations } from './meetings.ts'
import { reachabilityOperations } from './reachability.ts'
import { sessionOperations } from './sessions.ts'
import { sipMappingOperations } from './sip-mappings.ts'
import { userOperations } from './users.ts'
import { webhookOperations } from './webhooks.ts'

/**
 * Every operation of the REST API but those of `/sapi/o` (oauth.ts), by its id. What is routed and is not here, or
 * the other way round, fails a test; so does an operation that nobody says how to test (edge/routes/testing/matrix).
 */
export const operations = {
  ...domainOperations,
  ...meetingOperations,
  ...userOperations,
  ...oauthProviderOperations,
  ...oauthIdentityOperations,
  ...callRecordOperations,
  ...capabilityOperations,
  ...consentOperations,
  ...contactOperations,
  ...groupOperations,
  ...settingsOperations,
  ...credentialOperations,
  ...sipMappingOperations,
  ...sessionOperations,
  ...reachabilityOperations,
  ...webhookOperations,
  ...loginControlOperations,
  ...identityOperations,
  ...auditOperations,
} as const

export type OperationId = keyof typeof operations
