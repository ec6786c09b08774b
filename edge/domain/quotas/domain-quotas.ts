import type { SettingsLayer } from '#shared/protocol/settings.ts'
import { resolveSettings } from '../settings.ts'

export type QuotaKind = 'requestsPer10s' | 'users'

export interface DomainQuota<Node> {
  /** The domain that it is counted for, together with all under it. */
  readonly node: Node
  readonly limit: number
}

/**
 * The quotas that something in a domain counts against: its own and its ancestors'. A quota covers the domain
 * that sets it with all under it, so that nobody gets more of it by making child domains; one that is only
 * inherited is not counted again. What the deployment sets by default holds for each root domain with its own.
 */
export function quotasOf<Node extends { readonly settings: SettingsLayer }>(
  kind: QuotaKind,
  { deployment, chain }: { deployment: SettingsLayer; chain: readonly Node[] },
): DomainQuota<Node>[] {
  return chain.flatMap((node, index) => {
    const layers = chain.slice(0, index + 1).map(({ settings }) => settings)
    const limit = resolveSettings({ deployment, chain: layers }).quotas[kind]
    const isOwn = index === 0 || (node.settings.quotas?.[kind] ?? 0) > 0
    return limit > 0 && isOwn ? [{ node, limit }] : []
  })
}
