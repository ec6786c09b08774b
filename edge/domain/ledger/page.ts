import { z } from 'zod'
import type { CallRecord } from '#shared/protocol/sapi/call-record.ts'
import type { LedgerPort } from '../ports.ts'

/** Where a page of calls begins: after this call, newest first. Opaque to clients. */
export interface LedgerPosition {
  readonly endedAt: number
  readonly callId: string
}

const cursorPattern = /^(\d{1,15})\.([0-9a-f-]{36})$/

/** Calls that ended in `[from, to)`, in milliseconds since the epoch; the whole month where absent. With a user, those that it was or was rung in. */
export const ledgerQuerySchema = z.object({
  from: z.number().int().optional(),
  to: z.number().int().optional(),
  userId: z.string().min(1).max(128).optional(),
  /** From the page before. */
  cursor: z.string().regex(cursorPattern).optional(),
  limit: z.number().int().min(1).max(200),
})
export type LedgerQuery = z.infer<typeof ledgerQuerySchema>

export interface LedgerPage {
  /** Newest first. */
  readonly records: readonly CallRecord[]
  /** For the next page; null: this was the last. */
  readonly cursor: string | null
}

export interface LedgerReadPort extends LedgerPort {
  /** The query has been parsed: by whoever took it from a client. */
  list(query: LedgerQuery): Promise<LedgerPage>
  find(callId: string): Promise<CallRecord | null>
}

export const toCursor = ({ endedAt, callId }: LedgerPosition): string => `${endedAt}.${callId}`

/** @throws TypeError for text that the schema above does not let through. */
export function fromCursor(cursor: string): LedgerPosition {
  const [, endedAt, callId] = cursorPattern.exec(cursor) ?? []
  if (endedAt === undefined || callId === undefined) throw new TypeError(`Not a cursor of the ledger: ${cursor}`)
  return { endedAt: Number(endedAt), callId }
}
