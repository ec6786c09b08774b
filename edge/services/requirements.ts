import { AppError } from '#shared/errors/AppError.ts'
import type { KnownService } from '#shared/protocol/sapi/services.ts'
import { isPruned, sessionCapabilities } from '#edge/domain/capabilities.ts'
import type { Identity } from '#edge/domain/identity.ts'
import { directory, type DirectoryEnv } from './directory.ts'
import { capabilityRules } from './session-policy.ts'

/**
 * CAP-1: what a rule of the domain or of the user prunes is refused, not only hidden.
 * @throws AppError `forbidden` with the capability.
 */
export async function requireCapability(env: DirectoryEnv, identity: Identity, capability: string): Promise<void> {
  if (!(await hasCapability(env, identity, capability))) throw new AppError('forbidden', { context: { capability } })
}

export async function hasCapability(env: DirectoryEnv, identity: Identity, capability: string): Promise<boolean> {
  return sessionCapabilities(await capabilityRules(env, identity), []).includes(capability)
}

/** For what everybody may do from whom no rule has taken it, though no service offers it. @throws AppError `forbidden`. */
export async function refusePruned(env: DirectoryEnv, identity: Identity, capability: string): Promise<void> {
  if (isPruned(await capabilityRules(env, identity), capability)) throw new AppError('forbidden', { context: { capability } })
}

/** DOM-3: a service that a domain does not list is refused to its users everywhere. @throws AppError `serviceNotEnabled`. */
export async function requireService(env: DirectoryEnv, identity: Pick<Identity, 'domainId'>, service: KnownService): Promise<void> {
  const { services } = await directory(env).policyOf(identity.domainId)
  if (!services.includes(service)) throw new AppError('serviceNotEnabled', { context: { service } })
}
