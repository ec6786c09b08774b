import { z } from 'zod'
import { roleSchema } from '../tokens.ts'
import { ledgerQuerySchema } from './ledger.ts'
import { defineOperations, page } from './operation.ts'

/** `/sapi/audit`: what admins have changed (OPS-1). */

const timeSchema = z.number().describe('Milliseconds since the epoch')

export const auditEntrySchema = z.object({
  id: z.string(),
  at: timeSchema.describe('Written before the change was begun.'),
  userId: z.string(),
  username: z.string(),
  role: roleSchema,
  loginId: z.string(),
  address: z.string().nullable(),
  traceId: z.string(),
  operation: z.string().describe('Id of the operation in this document'),
  target: z.string().describe('Path and query of the request'),
  status: z.number().int().nullable().describe('Of the answer; null: it was begun, and whether it was done is not known'),
  finished: timeSchema.nullable(),
  created: z.string().nullable().describe('Path of what was made'),
})
export type AuditEntry = z.infer<typeof auditEntrySchema>

export const auditOperations = defineOperations({
  listAuditEntries: {
    method: 'get',
    path: '/audit',
    tag: 'Audit log',
    summary: "List what a domain's admins have changed in a month, newest first",
    description: 'Each entry is written before the change that it tells of. Bodies are not kept.',
    access: 'admin',
    query: ledgerQuerySchema,
    answer: page(auditEntrySchema),
    errors: ['notFound'],
  },
})
