import { AppError } from '#shared/errors/AppError.ts'
import type { Services } from '#shared/protocol/sapi/services.ts'
import type { SettingsLayer } from '#shared/protocol/settings.ts'
import type { Jurisdiction } from '#shared/protocol/tokens.ts'
import { limitsOf } from '#edge/domain/settings.ts'
import { idsInPath, maxDepth } from './domain-chain.ts'

/** Rules that a domain's record has to keep, whoever writes it. */

/**
 * `height`: levels of the domain with all that is under it, which goes where it goes.
 * @throws AppError `conflict` where a domain would nest too deep or leave its parent's jurisdiction.
 */
export function checkPlacement(
  row: { path: string; jurisdiction: Jurisdiction | null },
  parent: { jurisdiction: Jurisdiction | null } | undefined,
  { height = 1 }: { height?: number } = {},
): void {
  if (idsInPath(row.path).length + height - 1 > maxDepth) throw new AppError('conflict', { context: { maxDepth } })
  const required = parent?.jurisdiction ?? null
  if (required !== null && row.jurisdiction !== required) throw new AppError('conflict', { context: { jurisdiction: required } })
}

interface OwnDomain {
  readonly name: string
  readonly services: Services
  readonly settings: SettingsLayer
  readonly capabilities: readonly string[]
  readonly anonymousCapabilities: readonly string[]
}

interface OwnChange {
  readonly domain: string
  readonly parent: string | null
  readonly services: Services
  readonly settings: SettingsLayer
  readonly capabilities: readonly string[]
  readonly anonymousCapabilities: readonly string[]
  readonly disabled: boolean
}

/**
 * What a domain is and may use is given to it from above, so its own admin changes neither its name and
 * place nor its services and limits, nor does it give back a capability that was taken (CAP-1); those of the
 * domains under it are the admin's to set.
 * @throws AppError `forbidden` that names the fields.
 */
export function checkOwnChange(before: { row: OwnDomain; parent: string | null }, change: OwnChange): void {
  const { row } = before
  const fields: string[] = []
  if (change.domain !== row.name) fields.push('domain')
  if (change.parent !== before.parent) fields.push('parent')
  if (change.disabled) fields.push('disabled')
  if (canonical(change.services) !== canonical(row.services)) fields.push('services')
  if (JSON.stringify(limitsOf(change.settings)) !== JSON.stringify(limitsOf(row.settings))) fields.push('settings')
  for (const field of ['capabilities', 'anonymousCapabilities'] as const) {
    const kept = new Set(change[field])
    if (row[field].some((rule) => rule.startsWith('-') && !kept.has(rule))) fields.push(field)
  }
  if (fields.length > 0) throw new AppError('forbidden', { context: { fields } })
}

/** Names and backends, whatever their order. */
const canonical = (services: Services): string =>
  JSON.stringify(
    Object.entries(services)
      .map(([name, backends]): [string, string[]] => [name, backends.toSorted()])
      .toSorted(([a], [b]) => a.localeCompare(b)),
  )
