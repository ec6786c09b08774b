import type { z } from 'zod'
import type { AppError } from '#shared/errors/AppError.ts'

/** The notifications of a link: schema of the body by name. */
export type NotificationTable = Readonly<Record<string, z.ZodType>>

type NotificationIn<Table extends NotificationTable> = {
  [Name in keyof Table & string]: { readonly kind: 'notification'; readonly name: Name; readonly body: z.infer<Table[Name]> }
}[keyof Table & string]

/** What a frame turned out to be. Switch over `kind`, then over `name`. */
export type Incoming<Table extends NotificationTable> =
  | NotificationIn<Table>
  /** An answer; its caller has it. */
  | { readonly kind: 'answer' }
  /** From a newer version, or late: no reason to close the link. */
  | { readonly kind: 'ignored'; readonly reason: 'unknownAnswer' | 'unknownNotification' | 'question'; readonly name?: string }
  /** Not a frame of this protocol: too large, not JSON, or of another shape. */
  | { readonly kind: 'rejected'; readonly error: AppError }
