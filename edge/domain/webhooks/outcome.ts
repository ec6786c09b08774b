import type { Timestamp } from '#shared/time/clock.ts'

/** What became of one attempt. */
export type Outcome =
  | { readonly type: 'delivered' }
  /** 410: the endpoint wants nothing more. */
  | { readonly type: 'gone' }
  /** `pauseUntil`: when the endpoint asked to be tried again. */
  | { readonly type: 'failed'; readonly pauseUntil: Timestamp | null }

/** An endpoint may not put itself to sleep for longer. */
const longestRetryAfter = 24 * 3_600_000

/** Only 2xx is a delivery (Standard Webhooks); a redirect is not followed. */
export function outcomeOf(response: { readonly status: number; readonly retryAfter: string | null }, now: Timestamp): Outcome {
  const { status, retryAfter } = response
  if (status >= 200 && status < 300) return { type: 'delivered' }
  if (status === 410) return { type: 'gone' }
  const pauseUntil = status === 429 || status === 503 ? retryTime(retryAfter, now) : null
  return { type: 'failed', pauseUntil }
}

/** Seconds or a date (RFC 9110 §10.2.3); null for anything else and for what is over. */
function retryTime(value: string | null, now: Timestamp): Timestamp | null {
  const text = value?.trim() ?? ''
  const at = /^\d{1,9}$/.test(text) ? now + Number(text) * 1000 : Date.parse(text)
  return Number.isNaN(at) || at <= now ? null : Math.min(at, now + longestRetryAfter)
}
