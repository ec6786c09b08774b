import { AppError, type ErrorContext } from '#shared/errors/AppError.ts'
import { brokenConstraint } from '#edge/db/d1/constraints.ts'
import type { UserQuota } from '#edge/db/d1/quotas.ts'
import { quotaConflict } from './user-quotas.ts'

interface Meanings {
  /** What the change takes that something else has already. Without it, the caller of this function judges that. */
  readonly unique?: ErrorContext
  /** That something which the change refers to is gone: unknown, unless it was part of what the caller saw. */
  readonly foreignKey?: 'notFound' | 'changedMeanwhile'
  readonly quotas?: readonly UserQuota[]
}

/**
 * Makes a change that was decided on what was read before, and tells the client which rule of what is stored by now it broke.
 * @throws AppError `conflict` (with `unique`, the reason `usersQuota` or `changedMeanwhile`), `notFound`.
 */
export async function refuseBroken<Value>(
  write: () => Promise<Value>,
  { unique, foreignKey = 'notFound', quotas = [] }: Meanings = {},
): Promise<Value> {
  try {
    return await write()
  } catch (thrown) {
    const overQuota = quotaConflict(thrown, quotas)
    if (overQuota !== undefined) throw overQuota
    const broken = brokenConstraint(thrown)
    if (broken === 'unique' && unique !== undefined) throw new AppError('conflict', { context: unique, cause: thrown })
    if (broken === 'foreignKey' && foreignKey === 'notFound') throw new AppError('notFound', { cause: thrown })
    if (broken === 'revision' || broken === 'foreignKey')
      throw new AppError('conflict', { context: { reason: 'changedMeanwhile' }, cause: thrown })
    throw thrown
  }
}
