import { z } from 'zod'
import { AppError } from '#shared/errors/AppError.ts'
import { toBase64Url, utf8 } from '#edge/auth/bytes.ts'
import { macKey } from '#edge/auth/mac-key.ts'
import { secretBox } from '#edge/auth/secret-box.ts'
import { keepAnswer, releaseKey, type RequestKey, takeKey } from '#edge/db/d1/idempotency.ts'
import type { Env } from '#edge/env.ts'
import type { IdentifiedContext } from './app-env.ts'
import { scopeOf } from './scope.ts'

/** How long a repetition hears the first answer. */
const memory = 24 * 3600_000
/** No request takes longer; one that has not answered by then died with its process. */
const longest = 60_000

const keySchema = z
  .string()
  .min(1)
  .max(255)
  .regex(/^[\u0021-\u007e]+$/, { message: 'Visible ASCII only' })

const answerSchema = z.object({ status: z.number().int(), headers: z.array(z.tuple([z.string(), z.string()])), body: z.string() })

/** What a repetition is told beside the body. */
const keptHeaders = ['content-type', 'location', 'etag', 'cache-control']

/**
 * A `POST` with an `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header-07) is carried out once per
 * caller and key; a repetition within 24 h hears the same. What failed has changed nothing and may be sent
 * again under its key.
 * @throws AppError `idempotencyKeyReused`, `idempotencyInProgress`, `invalidRequest`.
 */
export async function once(c: IdentifiedContext, body: string, run: () => Promise<Response>): Promise<Response> {
  const header = c.req.header('idempotency-key')
  if (header === undefined) return run()
  const name = keySchema.safeParse(header.replace(/^"(.*)"$/, '$1'))
  if (!name.success) throw AppError.invalidRequest(name.error)
  const { db, env, clock } = scopeOf(c)
  const now = clock.now()
  const key: RequestKey = { caller: c.var.identity.userId, key: name.data }
  const fingerprint = await fingerprintOf(c.req.raw, body, env)
  const box = await secretBox(env.RINGWAY_MASTER_KEY, 'idempotent answers')
  const sealName = `${key.caller} ${key.key}`
  const earlier = await takeKey(db, { ...key, fingerprint, startedAt: now, expiresAt: now + memory }, { abandonedBefore: now - longest })
  if (earlier !== undefined) {
    if (earlier.fingerprint !== fingerprint) throw new AppError('idempotencyKeyReused')
    if (earlier.sealedAnswer === null) throw new AppError('idempotencyInProgress', { context: { retryAfter: 1 } })
    return replay(await box.open(earlier.sealedAnswer, sealName))
  }
  try {
    const response = await run()
    if (!response.ok) await releaseKey(db, key)
    else await keepAnswer(db, key, await box.seal(await recordOf(response), sealName))
    return response
  } catch (error) {
    await releaseKey(db, key)
    throw error
  }
}

/** The same key with another request is a mistake of the caller. Keyed: a plain hash of a body with a password would tell it to whoever guesses. */
async function fingerprintOf({ method, url }: Request, body: string, env: Env): Promise<string> {
  const { pathname, search } = new URL(url)
  const text = utf8([method, pathname, search, body].join('\n'))
  return toBase64Url(new Uint8Array(await crypto.subtle.sign('HMAC', await macKey(env, 'idempotency'), text)))
}

async function recordOf(response: Response): Promise<string> {
  const headers = keptHeaders.flatMap((name): [string, string][] => {
    const value = response.headers.get(name)
    return value === null ? [] : [[name, value]]
  })
  return JSON.stringify({ status: response.status, headers, body: await response.clone().text() } satisfies z.infer<typeof answerSchema>)
}

function replay(record: string): Response {
  const { status, headers, body } = answerSchema.parse(JSON.parse(record))
  return new Response(status === 204 ? null : body, { status, headers: [...headers, ['idempotency-replayed', 'true']] })
}
