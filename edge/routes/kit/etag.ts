import { AppError } from '#shared/errors/AppError.ts'
import { sha256 } from '#edge/auth/bytes.ts'

/** Strong validator of a view (RFC 9110 §8.8.3): another view has another one. */
export const etagOf = async (view: unknown): Promise<string> => `"${(await sha256(JSON.stringify(view))).slice(0, 22)}"`

/**
 * RFC 9110 §13.1.1: without the header anything goes; `*` is whatever is stored. Null: nothing is.
 * @throws AppError `preconditionFailed`.
 */
export async function checkIfMatch(header: string | undefined, current: unknown): Promise<void> {
  if (header === undefined || (header.trim() === '*' && current !== null)) return
  const etag = await etagOf(current)
  const named = header.split(',').map((part) => part.trim())
  if (!named.includes(etag)) throw new AppError('preconditionFailed', { context: { etag } })
}

/** RFC 9110 §13.1.2, where weak validators compare as equal: whether the caller has this view already. */
export function isKnown(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false
  return ifNoneMatch.split(',').some((part) => part.trim() === '*' || part.trim().replace(/^W\//, '') === etag)
}
