import type { Logger } from '#shared/log/logger.ts'
import type { Clock } from '#shared/time/clock.ts'
import type { Database } from '#edge/db/d1/database.ts'
import type { Env } from '#edge/env.ts'

/** What a use case works with. */
export interface Scope {
  readonly env: Env
  readonly db: Database
  readonly clock: Clock
  readonly logger: Logger
  /** Notes whose tokens the answer will hold, for those who judge which pages may read it. */
  noteSubject?(domainId: string): void
  /** Goes on after the answer was sent; a failure is logged. */
  defer(task: Promise<void>): void
}
