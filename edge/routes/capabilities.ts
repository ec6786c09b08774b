import { capabilityOperations } from '#shared/protocol/sapi/capabilities.ts'
import { capabilitiesView } from '#edge/services/capabilities.ts'
import { implement } from './kit/operations.ts'

/** CAP-1. */
export const capabilityRoutes = implement(capabilityOperations, {
  getCapabilities: ({ scope, actor }) => capabilitiesView(scope.env, actor),
})
