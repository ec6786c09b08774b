import type { auditOperations } from '#shared/protocol/sapi/audit.ts'
import type { identityOperations } from '#shared/protocol/sapi/identity.ts'
import type { loginControlOperations } from '#shared/protocol/sapi/login-control.ts'
import type { Row, Rows } from './row.ts'

/** A list that the ledger of a domain keeps by month. */
const monthly: Row = {
  request: () => ({ query: { month } }),
  foreign: ({ home }) => [{ query: { month, domain: home.domain } }],
}
const month = new Date().toISOString().slice(0, 7)

export const loginControlRows: Rows<typeof loginControlOperations> = {
  listLoginStats: monthly,
  listLoginFailures: monthly,
  listAlarms: monthly,
}

export const auditRows: Rows<typeof auditOperations> = { listAuditEntries: monthly }

/** Gateways have clients for it; of people, only admins ask. */
export const identityRows: Rows<typeof identityOperations> = {
  checkIdentity: {
    caller: 'admin',
    request: ({ home }) => ({ body: { token: home.parties.user.token } }),
  },
}
