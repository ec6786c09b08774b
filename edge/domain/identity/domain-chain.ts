import type { Services } from '#shared/protocol/sapi/services.ts'
import type { SettingsLayer } from '#shared/protocol/settings.ts'
import type { Jurisdiction } from '#shared/protocol/tokens.ts'

/** What is decided about a domain from its own record and its ancestors'. */
export interface DomainNode {
  readonly id: string
  readonly name: string
  readonly services: Services
  readonly settings: SettingsLayer
  readonly capabilities: readonly string[]
  readonly anonymousCapabilities: readonly string[]
  readonly jurisdiction: Jurisdiction | null
  readonly disabled: boolean
}

/** Root domain first, the domain itself last; never empty. */
export type DomainChain<Node extends DomainNode = DomainNode> = readonly [Node, ...Node[]]

export const ownNode = <Node extends DomainNode>(chain: DomainChain<Node>): Node => chain.at(-1) ?? chain[0]

/** A domain is out of use with any of its ancestors. */
export const isDisabled = (chain: DomainChain): boolean => chain.some((node) => node.disabled)

/** `/<root id>/…/<own id>/`. */
export const pathUnder = (parentPath: string | null, id: string): string => `${parentPath ?? '/'}${id}/`

/** Ids from the root to the domain itself. */
export const idsInPath = (path: string): string[] => path.split('/').filter((id) => id !== '')

/** How deep domains may nest. */
export const maxDepth = 8
