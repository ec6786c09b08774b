import { reachabilityOperations } from '#shared/protocol/sapi/reachability.ts'
import { reachabilityOf } from '#edge/services/reachability.ts'
import { implement } from './kit/operations.ts'

/** REACH-1. */
export const reachabilityRoutes = implement(reachabilityOperations, {
  getReachability: ({ scope, actor, query }) => reachabilityOf(scope, actor, query.uri),
})
