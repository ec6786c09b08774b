import type { HookKind } from '#shared/protocol/sapi/webhooks.ts'

/** What an endpoint's object needs to know to send. */
export interface HookConfig {
  readonly endpointId: string
  readonly domainId: string
  /** Of the domain: what an endpoint is told of is at or under it. */
  readonly domainPath: string
  readonly kind: HookKind
  readonly url: string
  readonly enabled: boolean
  /** Events are signed with each. */
  readonly secrets: readonly string[]
}

/** One attempt, as it is logged. */
export interface Attempted {
  readonly status: number | null
  /** Why no answer counts, in a word. */
  readonly error: AttemptError | null
  /** The beginning of the answer's body. */
  readonly response: string | null
  readonly retryAfter: string | null
}

/**
 * `notMapped`: a registrar has nothing to do for the user. `urlRefused`: the deployment does not call such URLs
 * any more. `notSent`: the fault is ours.
 */
export type AttemptError = 'timeout' | 'connectionFailed' | 'redirected' | 'urlRefused' | 'notMapped' | 'notSent'
