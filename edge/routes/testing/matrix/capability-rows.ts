import type { capabilityOperations } from '#shared/protocol/sapi/capabilities.ts'
import type { Rows } from './row.ts'

export const capabilityRows: Rows<typeof capabilityOperations> = {
  getCapabilities: { request: () => ({}) },
}
