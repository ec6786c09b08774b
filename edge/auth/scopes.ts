import { AppError } from '#shared/errors/AppError.ts'
import type { ScopeName } from '#shared/protocol/sapi/clients.ts'
import type { Identity } from '#edge/domain/identity.ts'

/** Whether a token is good for something. One without scope is good for everything that its role may do. */
export const hasScope = ({ scope }: Pick<Identity, 'scope'>, name: ScopeName): boolean => scope === undefined || scope.includes(name)

/** @throws AppError `insufficientScope` (RFC 6750 §3.1). */
export function requireScope(identity: Pick<Identity, 'scope'>, name: ScopeName): void {
  if (!hasScope(identity, name)) throw new AppError('insufficientScope', { context: { scope: name } })
}
