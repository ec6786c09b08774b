import type { RingwayClient } from '#shared/sdk/index.ts'

/** What the webphone uses of the SDK's client. Everything it knows, it knows through this. */
export type PhoneClient = Pick<
  RingwayClient,
  | 'state'
  | 'session'
  | 'calls'
  | 'invites'
  | 'login'
  | 'loginProviders'
  | 'loginWithProvider'
  | 'completeLogin'
  | 'restore'
  | 'logout'
  | 'contacts'
  | 'call'
  | 'joinRoom'
  | 'on'
>

/** Whether the same may succeed later. */
export const isRetryable = (thrown: unknown): boolean =>
  typeof thrown === 'object' && thrown !== null && 'retryable' in thrown && thrown.retryable === true

/** Facts that came with the code. */
export function contextOf(thrown: unknown): Readonly<Record<string, unknown>> {
  const context = typeof thrown === 'object' && thrown !== null && 'context' in thrown ? thrown.context : undefined
  return typeof context === 'object' && context !== null ? { ...context } : {}
}

/** The stable code of anything that was thrown. */
export function codeOf(thrown: unknown): string {
  if (typeof thrown === 'object' && thrown !== null && 'code' in thrown && typeof thrown.code === 'string') return thrown.code
  return 'internal'
}
