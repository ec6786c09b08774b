import { z } from 'zod'
import { domainNameSchema } from './names.ts'
import { pageQuerySchema } from './paging.ts'

/** Of lists that a domain's ledger keeps by month: call records, failed logins, alarms, the audit log. */
export const ledgerQuerySchema = pageQuerySchema.extend({
  month: z
    .string()
    .regex(/^\d{4}-(0[1-9]|1[0-2])$/, { message: 'yyyy-mm' })
    .describe('`yyyy-mm`, UTC'),
  domain: domainNameSchema.optional().describe("Absent: the admin's own domain"),
})
