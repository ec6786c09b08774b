import { z } from 'zod'
import { hostDescriptionSchema } from '#shared/protocol/fleet/host-link.ts'

/**
 * What a MediaHost object tells the dispatchers of its region about a connected host, and what they
 * keep of it. `load.draining` is set by whichever side drains: the host itself or an admin.
 */
export const hostReportSchema = hostDescriptionSchema.extend({
  hostId: z.uuid(),
  /** As given at enrolment, for people. */
  name: z.string(),
})

export type HostReport = z.infer<typeof hostReportSchema>
