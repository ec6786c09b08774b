import { z } from 'zod'
import { webhookHeaders } from '#edge/auth/webhook-signature.ts'
import { outgoingUrl } from '#edge/domain/outgoing-urls.ts'
import type { Attempted, HookConfig } from '#edge/domain/webhooks/hook-config.ts'
import type { QueuedEvent } from '#edge/domain/webhooks/queued-event.ts'
import type { Env } from '#edge/env.ts'
import type { Logger } from '#shared/log/logger.ts'
import type { Clock } from '#shared/time/clock.ts'
import { type HookRequest, hookRequest } from './hook-requests.ts'

/** Until the head of the answer is there, in milliseconds. */
const timeout = 15_000
/** Of the answer's body only a beginning is read, for the log, and not for long. */
const bodyLimit = { bytes: 1024, ms: 1_000 }

const chunkSchema = z.instanceof(Uint8Array)

const silent = { status: null, response: null, retryAfter: null } as const

export interface SendingScope {
  readonly env: Pick<Env, 'DB' | 'RINGWAY_ALLOW_LOOPBACK_URLS' | 'RINGWAY_MASTER_KEY'>
  readonly clock: Clock
  readonly logger: Logger
}

/** Sends an event, signed, to where its endpoint wants it. Never rejects: what goes wrong is told. */
export async function sendHook(scope: SendingScope, config: HookConfig, event: QueuedEvent): Promise<Attempted> {
  try {
    const request = await hookRequest(scope.env, config, { event, now: scope.clock.now() })
    return request === undefined ? { ...silent, error: 'notMapped' } : await send(scope, config, { event, request })
  } catch (error) {
    scope.logger.error('webhook.notSent', { eventId: event.eventId, error })
    return { ...silent, error: 'notSent' }
  }
}

async function send(
  { env, clock }: SendingScope,
  config: HookConfig,
  options: { event: QueuedEvent; request: HookRequest },
): Promise<Attempted> {
  const { event, request } = options
  const url = outgoingUrl(request.url, { allowLoopback: env.RINGWAY_ALLOW_LOOPBACK_URLS === '1' })
  if (!url.ok) return { ...silent, error: 'urlRefused' }
  const timestamp = Math.floor(clock.now() / 1000)
  const signature = await webhookHeaders(config.secrets, { id: event.eventId, timestamp, body: request.body })
  // Not AbortSignal.timeout: its timer would outlive the attempt, and keep the object in memory as long.
  const aborting = new AbortController()
  const timer = setTimeout(() => aborting.abort(), timeout)
  try {
    const response = await fetch(url.value, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': 'Ringway-Webhooks/1', ...signature },
      body: request.body,
      redirect: 'manual',
      signal: aborting.signal,
    })
    const { status, headers } = response
    const error = status >= 300 && status < 400 ? 'redirected' : null
    return { status, error, retryAfter: headers.get('retry-after'), response: await beginningOf(response) }
  } catch {
    return { ...silent, error: aborting.signal.aborted ? 'timeout' : 'connectionFailed' }
  } finally {
    clearTimeout(timer)
  }
}

/** An endless body ends here. */
async function beginningOf(response: Response): Promise<string | null> {
  const reader = response.body?.getReader()
  if (reader === undefined) return null
  let timer: ReturnType<typeof setTimeout> | undefined
  const enough = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), bodyLimit.ms)
  })
  const bytes: number[] = []
  try {
    while (bytes.length < bodyLimit.bytes) {
      const read = await Promise.race([reader.read(), enough])
      if (read === undefined || read.done) break
      bytes.push(...chunkSchema.parse(read.value).subarray(0, bodyLimit.bytes - bytes.length))
    }
  } catch {
    // The connection broke after the status, which is what counts.
  } finally {
    clearTimeout(timer)
    void reader.cancel().catch(() => undefined)
  }
  return new TextDecoder().decode(Uint8Array.from(bytes))
}
