import { z } from 'zod'
import type { CallRecord } from '#shared/protocol/sapi/call-record.ts'
import type { LedgerPort } from '../ports.ts'

/** Where a page of calls begins: after this call, newest first. Opaque to clients. */
export interface LedgerPosition {
  readonly endedAt: number
  readonly callId: string
}

export const maxLedgerPage = 200

/** Calls that ended in `[from, to)`, in milliseconds since the epoch; the whole month where absent. */
export const ledgerQuerySchema = z.object({
  from: z.number().int().optional(),
  to: z.number().int().optional(),
  /** From the page before. */
  cursor: z.string().max(128).optional(),
  limit: z.number().int().min(1).max(maxLedgerPage),
})
export type LedgerQuery = z.infer<typeof ledgerQuerySchema>

export interface LedgerPage {
  /** Newest first. */
  readonly records: readonly CallRecord[]
  /** For the next page; null: this was the last. */
  readonly cursor: string | null
}

export interface LedgerReadPort extends LedgerPort {
  /** @throws AppError `invalidRequest` where the query or its cursor is not valid. */
  list(query: LedgerQuery): Promise<LedgerPage>
}

export const toCursor = ({ endedAt, callId }: LedgerPosition): string => `${endedAt}.${callId}`

/** Undefined for text that no page has given out. */
export function fromCursor(cursor: string): LedgerPosition | undefined {
  const [, endedAt, callId] = /^(\d{1,15})\.([0-9a-f-]{36})$/.exec(cursor) ?? []
  return endedAt === undefined || callId === undefined ? undefined : { endedAt: Number(endedAt), callId }
}
