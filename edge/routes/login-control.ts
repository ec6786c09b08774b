import { auditOperations } from '#shared/protocol/sapi/audit.ts'
import { identityOperations } from '#shared/protocol/sapi/identity.ts'
import { loginControlOperations } from '#shared/protocol/sapi/login-control.ts'
import { listAuditEntries, listLoginAlarms, listLoginFailures, listLoginStats } from '#edge/services/ledger-lists.ts'
import { checkIdentity } from '#edge/services/login/identity-check.ts'
import { implement } from './kit/operations.ts'

/** AUTH-4. */
export const loginControlRoutes = implement(loginControlOperations, {
  listLoginStats: ({ scope, actor, query }) => listLoginStats(scope, actor, query),
  listLoginFailures: ({ scope, actor, query }) => listLoginFailures(scope, actor, query),
  listAlarms: ({ scope, actor, query }) => listLoginAlarms(scope, actor, query),
})

/** AUTH-5. */
export const identityRoutes = implement(identityOperations, {
  checkIdentity: ({ scope, actor, body }) => checkIdentity(scope, actor, body),
})

/** OPS-1. */
export const auditRoutes = implement(auditOperations, {
  listAuditEntries: ({ scope, actor, query }) => listAuditEntries(scope, actor, query),
})
