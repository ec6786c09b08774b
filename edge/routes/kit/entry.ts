import { AppError } from '#shared/errors/AppError.ts'
import { bodyLimits, maxHeadersLength, maxUrlLength, routeClassOf } from '#edge/domain/entry/route-class.ts'
import { limitAddress } from '#edge/services/entry/address-limits.ts'
import type { AppMiddleware } from './app-env.ts'

/** OPS-1: what asks too often or for too much is refused before anything is read, looked up or woken for it. */
export const entryProtection: AppMiddleware = async (c, next) => {
  const { url, headers } = c.req.raw
  try {
    const routeClass = routeClassOf(c.req.path)
    if (url.length > maxUrlLength) throw new AppError('uriTooLong', { context: { limit: maxUrlLength } })
    if (lengthOf(headers) > maxHeadersLength) throw new AppError('headersTooLarge', { context: { limit: maxHeadersLength } })
    await limitAddress(c.req.raw, c.env, routeClass)
    const limit = bodyLimits[routeClass]
    if (Number(headers.get('content-length') ?? 0) > limit) throw new AppError('payloadTooLarge', { context: { limit } })
  } catch (thrown) {
    // A page of any origin may learn when to come back; the refusal tells nothing else.
    c.header('access-control-allow-origin', '*')
    c.header('access-control-expose-headers', 'retry-after, x-trace-id')
    throw thrown
  }
  await next()
}

function lengthOf(headers: Headers): number {
  let length = 0
  for (const [name, value] of headers) length += name.length + value.length
  return length
}
