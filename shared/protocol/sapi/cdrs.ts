import { z } from 'zod'
import { domainNameSchema } from './names.ts'
import { pageQuerySchema } from './paging.ts'

/** `GET /sapi/cdrs`: call records of one domain and month (CDR-1), shapes in call-record.ts. */
export const listCallRecordsQuerySchema = pageQuerySchema.extend({
  /** `yyyy-mm`, UTC. */
  month: z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/, { message: 'yyyy-mm' }),
  /** Absent: the admin's own domain. */
  domain: domainNameSchema.optional(),
})
