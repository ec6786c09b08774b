import { AppError } from '#shared/errors/AppError.ts'
import type { KnownService } from '#shared/protocol/sapi/services.ts'
import type { Identity } from '#edge/domain/identity.ts'
import { directory, type DirectoryEnv } from './directory.ts'

/** DOM-3: a service that a domain does not list is refused to its users everywhere. @throws AppError `serviceNotEnabled`. */
export async function requireService(env: DirectoryEnv, identity: Pick<Identity, 'domainId'>, service: KnownService): Promise<void> {
  const { services } = await directory(env).policyOf(identity.domainId)
  if (!services.includes(service)) throw new AppError('serviceNotEnabled', { context: { service } })
}
