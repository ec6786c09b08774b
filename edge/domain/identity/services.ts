import { knownServices, type Services } from '#shared/protocol/sapi/services.ts'

/** All known services with Ringway's own backend: what the default domain lists. */
export const allServices: Services = Object.fromEntries(knownServices.map((name) => [name, name === 'contacts' ? ['wac'] : []]))

/**
 * What a domain may use: its own list cut down to what each ancestor lists too (DOM-1). `chain` is root
 * first, the domain itself last. A service that an ancestor limits to some backends keeps only those.
 */
export function effectiveServices(chain: readonly Services[]): Services {
  const [root, ...rest] = chain
  if (root === undefined) return {}
  return rest.reduce<Services>((allowed, own) => intersect(own, allowed), root)
}

function intersect(own: Services, allowed: Services): Services {
  const entries: [string, string[]][] = []
  for (const [name, backends] of Object.entries(own)) {
    const limit = Object.hasOwn(allowed, name) ? allowed[name] : undefined
    if (limit === undefined) continue
    entries.push([name, limit.length === 0 ? backends : backends.filter((backend) => limit.includes(backend))])
  }
  return Object.fromEntries(entries)
}
