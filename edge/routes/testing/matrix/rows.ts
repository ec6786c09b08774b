import type { OperationId } from '#shared/protocol/sapi/operations.ts'
import { callRows } from './call-rows.ts'
import { capabilityRows } from './capability-rows.ts'
import { consentRows } from './consent-rows.ts'
import { contactRows } from './contact-rows.ts'
import { credentialRows } from './credential-rows.ts'
import { domainRows } from './domain-rows.ts'
import { groupRows } from './group-rows.ts'
import { auditRows, identityRows, loginControlRows } from './login-control-rows.ts'
import { meetingRows } from './meeting-rows.ts'
import { oauthIdentityRows, oauthProviderRows } from './oauth-provider-rows.ts'
import type { Row } from './row.ts'
import { reachabilityRows, sessionRows } from './session-rows.ts'
import { settingsRows } from './settings-rows.ts'
import { sipMappingRows } from './sip-mapping-rows.ts'
import { userRows } from './user-rows.ts'
import { webhookRows } from './webhook-rows.ts'

/**
 * How each operation is tried by everybody. "Property … is missing" here means that an operation was added to
 * shared/protocol/sapi/operations.ts without saying how to make a valid request of it: add a `Row` for it to the rows
 * of its resource beside this file.
 */
export const rows: Readonly<Record<OperationId, Row>> = {
  ...auditRows,
  ...callRows,
  ...capabilityRows,
  ...consentRows,
  ...contactRows,
  ...credentialRows,
  ...domainRows,
  ...groupRows,
  ...identityRows,
  ...loginControlRows,
  ...meetingRows,
  ...oauthIdentityRows,
  ...oauthProviderRows,
  ...reachabilityRows,
  ...sessionRows,
  ...settingsRows,
  ...sipMappingRows,
  ...userRows,
  ...webhookRows,
}
