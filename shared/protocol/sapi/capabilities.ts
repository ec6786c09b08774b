import { z } from 'zod'
import { defineOperations, resource } from './operation.ts'

/** `GET /sapi/capabilities` (CAP-1). */
const capabilitiesViewSchema = z.object({
  domain: z
    .array(z.string())
    .describe("What the caller's domain offers: its services' capabilities with its forced and without its pruned ones."),
  user: z.array(z.string()).describe("What the caller's own record forces (`+name`) and prunes (`-name`)."),
})
export type CapabilitiesView = z.infer<typeof capabilitiesViewSchema>

export const capabilityOperations = defineOperations({
  getCapabilities: {
    method: 'get',
    path: '/capabilities',
    tag: 'Users',
    summary: 'Read your capabilities',
    description: 'What your domain offers by its services and rules, and the rules that are your own: `+name` forces, `-name` prunes.',
    access: 'anonymous',
    answer: resource(capabilitiesViewSchema),
    errors: ['notFound'],
  },
})
