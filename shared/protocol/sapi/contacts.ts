import { z } from 'zod'
import { pageQuerySchema } from './paging.ts'

/** `GET /sapi/contacts`: the users of one's own domain (DOM-4), by user name. */
export const contactSchema = z.object({
  id: z.string(),
  /** `username@domain`. */
  username: z.string(),
  displayName: z.string().optional(),
})
export type Contact = z.infer<typeof contactSchema>

export const listContactsQuerySchema = pageQuerySchema.extend({
  /** Part of the user name or alias. */
  q: z.string().trim().max(128).optional(),
})
