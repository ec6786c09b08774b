import { originPatternSchema } from '#shared/protocol/sapi/origins.ts'
import { patternsMatching } from '#edge/domain/identity/origin-patterns.ts'

/** Whether pages of a host are the deployment's own business, whatever the domain. */
export type HostTest = (host: string) => boolean

/**
 * Hosts or host patterns (shared/protocol/sapi/origins.ts) parted by `|`. What is no such list is one
 * regular expression for the whole host: the operator's own, never a tenant's.
 * @throws SyntaxError
 */
export function parseDeploymentOrigins(text: string): HostTest {
  const entries = text.split('|').map((entry) => originPatternSchema.safeParse(entry))
  if (entries.every((entry) => entry.success)) {
    const patterns = new Set(entries.map((entry) => entry.data))
    return (host) => patternsMatching(host).some((pattern) => patterns.has(pattern))
  }
  const expression = new RegExp(`^(?:${text})$`, 'i')
  return (host) => expression.test(host)
}
