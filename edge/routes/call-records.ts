import { callRecordOperations } from '#shared/protocol/sapi/cdrs.ts'
import { exportCallRecords, getCallRecord, listCallHistory, listCallRecords } from '#edge/services/call-records.ts'
import { implement } from './kit/operations.ts'

/** CDR-1. */
export const callRecordRoutes = implement(callRecordOperations, {
  listCallRecords: async ({ scope, actor, query, raw }) => {
    if (!wantsCsv(query.format, raw.headers.get('accept'))) return listCallRecords(scope, actor, query)
    const headers = { 'content-type': 'text/csv; charset=utf-8; header=present', 'content-disposition': 'attachment; filename="calls.csv"' }
    return new Response(await exportCallRecords(scope, actor, query), { headers })
  },
  getCallRecord: ({ scope, actor, params, query }) => getCallRecord(scope, actor, params.callId, query),
  listCallHistory: ({ scope, actor, query }) => listCallHistory(scope, actor, query),
})

const wantsCsv = (format: 'json' | 'csv' | undefined, accept: string | null): boolean =>
  format === undefined
    ? (accept ?? '').split(',').some((part) => part.split(';')[0]?.trim().toLowerCase() === 'text/csv')
    : format === 'csv'
