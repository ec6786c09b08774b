import { z } from 'zod'
import { type ErrorCode, type ErrorStatus, errorTable, isErrorCode } from './codes.ts'

/** Facts that are safe to show to the client beside the code. */
export type ErrorContext = Readonly<Record<string, unknown>>

/** A failure with a stable code. `cause` is for the log only and never leaves the process. */
export class AppError extends Error {
  override readonly name = 'AppError'
  readonly code: ErrorCode
  readonly context: ErrorContext

  constructor(code: ErrorCode, options: { context?: ErrorContext; cause?: unknown } = {}) {
    super(errorTable[code].message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.context = options.context ?? {}
  }

  get status(): ErrorStatus {
    return errorTable[this.code].status
  }

  get retryable(): boolean {
    return errorTable[this.code].retryable
  }

  /**
   * Any thrown value as an AppError. Errors that crossed an RPC boundary lose their class but keep
   * `code`, so the code is what is recognized.
   */
  static from(thrown: unknown): AppError {
    if (thrown instanceof AppError) return thrown
    if (thrown instanceof z.ZodError) return AppError.invalidRequest(thrown)
    if (typeof thrown === 'object' && thrown !== null && 'code' in thrown && isErrorCode(thrown.code)) {
      const context = 'context' in thrown ? contextSchema.safeParse(thrown.context) : undefined
      return new AppError(thrown.code, { context: context?.success ? context.data : {}, cause: thrown })
    }
    return new AppError('internal', { cause: thrown })
  }

  static invalidRequest(error: z.ZodError): AppError {
    const issues = error.issues.slice(0, 10).map((issue) => ({ path: issue.path.join('.'), message: issue.message }))
    return new AppError('invalidRequest', { context: { issues } })
  }

  /** The same for what a schema cannot know of a field, which is named as in the schema's issues: `data.jwksUri`. */
  static invalidField(path: string, message: string): AppError {
    return new AppError('invalidRequest', { context: { issues: [{ path, message }] } })
  }
}

const contextSchema = z.record(z.string(), z.unknown())
