import { AppError } from '#shared/errors/AppError.ts'
import { day } from '#edge/domain/ledger/retention.ts'
import { directory, type DirectoryEnv } from './directory.ts'

/** Milliseconds for which a domain keeps its call records (CDR-1); null: there is no such domain any more. */
export async function recordLifetime(env: DirectoryEnv, domainId: string): Promise<number | null> {
  try {
    return (await directory(env).policyOf(domainId)).settings.calls.callRecordDays * day
  } catch (thrown) {
    const error = AppError.from(thrown)
    if (error.code === 'notFound') return null
    throw error
  }
}
