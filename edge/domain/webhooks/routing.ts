import type { EventType } from '#shared/protocol/sapi/events.ts'
import type { Jurisdiction } from '#shared/protocol/tokens.ts'

/** Where events of a domain may go. */
export interface HookTarget {
  readonly endpointId: string
  /** Of the endpoint. */
  readonly domainId: string
  /** Null: all. */
  readonly events: readonly EventType[] | null
  readonly includeChildren: boolean
  /** Of the endpoint's domain: its object lies there. */
  readonly jurisdiction: Jurisdiction | null
}

/**
 * Endpoints that hear of a domain: its own, and those of its ancestors that asked for their children's
 * events. Never the other way, and never out of the domain's jurisdiction.
 */
export const mayHear = (target: HookTarget, domain: { domainId: string; jurisdiction: Jurisdiction | null }): boolean =>
  (target.domainId === domain.domainId || target.includeChildren) &&
  (domain.jurisdiction === null || target.jurisdiction === domain.jurisdiction)

export const takes = (target: Pick<HookTarget, 'events'>, type: EventType): boolean => target.events?.includes(type) ?? true
