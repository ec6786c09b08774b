import { z } from 'zod'

/** `GET /sapi/capabilities` (CAP-1). */
export const capabilitiesViewSchema = z.object({
  /** What the caller's domain offers: its services' capabilities with its forced and without its pruned ones. */
  domain: z.array(z.string()),
  /** What the caller's own record forces (`+name`) and prunes (`-name`). */
  user: z.array(z.string()),
})
export type CapabilitiesView = z.infer<typeof capabilitiesViewSchema>
