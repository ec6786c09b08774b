import { hostname } from 'node:os'
import { AppError } from '#shared/errors/AppError.ts'
import { enrolRequestSchema, enrolResponseSchema } from '#shared/protocol/fleet/host-link.ts'
import { enrolmentUrl } from './edge-addresses.ts'
import type { HostIdentity } from './HostIdentity.ts'

const requestTimeoutMs = 10_000

/**
 * Exchanges the enrolment secret for this host's own id and key. Throws `enrolmentRefused` where the
 * secret is wrong, `unavailable` where the edge cannot be reached or does not answer as it should.
 */
export async function enrol(options: { edgeUrl: URL; secret: string; region: string; signal: AbortSignal }): Promise<HostIdentity> {
  const body = enrolRequestSchema.parse({ region: options.region, name: hostname().slice(0, 253) || 'host' })
  const response = await ask(enrolmentUrl(options.edgeUrl), { ...options, body })
  if (response.status === 401 || response.status === 403) throw new AppError('enrolmentRefused')
  if (!response.ok) throw new AppError('unavailable', { cause: { status: response.status } })
  const identity = enrolResponseSchema.safeParse(await response.json().catch(() => undefined))
  if (!identity.success) throw new AppError('unavailable', { cause: identity.error })
  return identity.data
}

async function ask(url: URL, options: { secret: string; body: unknown; signal: AbortSignal }): Promise<Response> {
  try {
    return await fetch(url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${options.secret}` },
      body: JSON.stringify(options.body),
      redirect: 'error',
      signal: AbortSignal.any([options.signal, AbortSignal.timeout(requestTimeoutMs)]),
    })
  } catch (cause) {
    throw new AppError('unavailable', { cause })
  }
}
