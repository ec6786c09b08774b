import type { Context, MiddlewareHandler } from 'hono'
import type { Logger } from '#shared/log/logger.ts'
import type { Identity } from '#edge/domain/identity.ts'
import type { Env } from '#edge/env.ts'

/** What every route of the Worker finds in its context. */
export interface AppEnv {
  Bindings: Env
  Variables: {
    traceId: string
    /** Knows the trace id, and the domain once the caller is identified. */
    logger: Logger
    /** Set where the caller has been identified, for the request's log event. */
    caller?: Identity
    /** Domain that the answer is about where nobody has been identified: whose tokens it holds. */
    subjectDomainId?: string
    /** Code of the error that the request ends with, for its log event. */
    errorCode?: string
  }
}

/** The same behind `authenticated`. */
export interface IdentifiedEnv extends AppEnv {
  Variables: AppEnv['Variables'] & { identity: Identity }
}

export type AppContext = Context<AppEnv>
export type IdentifiedContext = Context<IdentifiedEnv>
export type AppMiddleware = MiddlewareHandler<AppEnv>
