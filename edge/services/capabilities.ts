import type { CapabilitiesView } from '#shared/protocol/sapi/capabilities.ts'
import { domainCapabilities } from '#edge/domain/capabilities.ts'
import type { Identity } from '#edge/domain/identity.ts'
import type { DirectoryEnv } from './directory.ts'
import { capabilityRules } from './session-policy.ts'

/** CAP-1, as REST shows it. */
export async function capabilitiesView(env: DirectoryEnv, identity: Identity): Promise<CapabilitiesView> {
  const rules = await capabilityRules(env, identity)
  return { domain: domainCapabilities(rules), user: [...rules.user] }
}
