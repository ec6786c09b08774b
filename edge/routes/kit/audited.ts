import { AppError } from '#shared/errors/AppError.ts'
import { isAdmin } from '#edge/domain/identity/access.ts'
import type { Identity } from '#edge/domain/identity.ts'
import { beginAudit } from '#edge/services/audit.ts'
import { addressOf } from '#edge/services/entry/client-address.ts'
import type { AppContext, IdentifiedContext } from './app-env.ts'
import { scopeOf } from './scope.ts'

/** Carries out what changes something; where an admin does it, the audit log knows before and after (OPS-1). */
export async function audited(
  c: AppContext | IdentifiedContext,
  by: { actor: Identity; operation: string },
  run: () => Promise<Response>,
): Promise<Response> {
  if (!isAdmin(by.actor)) return run()
  const { pathname, search } = new URL(c.req.url)
  const target = `${pathname}${search}`
  const audit = await beginAudit(scopeOf(c), { ...by, target, address: addressOf(c.req.raw, c.env), traceId: c.var.traceId })
  try {
    const response = await run()
    audit.finish({ status: response.status, created: response.headers.get('location') ?? undefined })
    return response
  } catch (thrown) {
    audit.finish({ status: AppError.from(thrown).status })
    throw thrown
  }
}
