import { forgetRevocations } from '#edge/auth/revocations.ts'
import { forgetSigningKeys } from '#edge/auth/signing-keys.ts'
import { forgetBootstrap } from '#edge/services/bootstrap.ts'
import { forgetOrigins } from '#edge/services/cors.ts'
import { forgetDirectory } from '#edge/services/directory.ts'
import { forgetConnections } from '#edge/services/federation/connection.ts'
import { forgetKeySets } from '#edge/services/federation/validate-token.ts'
import { forgetClientKeys } from '#edge/services/oauth/client-keys.ts'
import { forgetHookTargets } from '#edge/services/hook-targets.ts'
import { forgetMaintenance } from '#edge/services/maintenance.ts'
import { forgetQuotas } from '#edge/services/request-quotas.ts'
import { forgetSessionPolicies } from '#edge/services/session-policy.ts'

/** As if this isolate had just been started. */
export function forgetIsolate(): void {
  forgetBootstrap()
  forgetClientKeys()
  forgetConnections()
  forgetDirectory()
  forgetKeySets()
  forgetHookTargets()
  forgetMaintenance()
  forgetOrigins()
  forgetQuotas()
  forgetRevocations()
  forgetSessionPolicies()
  forgetSigningKeys()
}
