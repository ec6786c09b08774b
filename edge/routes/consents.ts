import { consentOperations } from '#shared/protocol/sapi/consents.ts'
import { listConsentsOf, withdrawConsent } from '#edge/services/oauth/consents.ts'
import { implement } from './kit/operations.ts'

/** What users have allowed OAuth clients (AUTH-1). */
export const consentRoutes = implement(consentOperations, {
  listConsents: ({ scope, actor, query }) => listConsentsOf(scope, actor, query),
  withdrawConsent: ({ scope, actor, params }) => withdrawConsent(scope, actor, params.id),
})
