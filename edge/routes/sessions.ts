import { sessionOperations } from '#shared/protocol/sapi/sessions.ts'
import { endLogin, endSession, getSession, listLoginsFor, listRegistry, listSessions } from '#edge/services/sessions.ts'
import { implement } from './kit/operations.ts'

/** WAPI-2 as the REST API shows it. */
export const sessionRoutes = implement(sessionOperations, {
  listSessions: ({ scope, actor, query }) => listSessions(scope, actor, query),
  getSession: ({ scope, actor, params, query }) => getSession(scope, actor, params.id, query.user),
  endSession: ({ scope, actor, params, query }) => endSession(scope, actor, params.id, query.user),
  listLogins: ({ scope, actor, query }) => listLoginsFor(scope, actor, query),
  endLogin: ({ scope, actor, params }) => endLogin(scope, actor, params.id),
  listRegistry: ({ scope, actor, query }) => listRegistry(scope, actor, query),
})
