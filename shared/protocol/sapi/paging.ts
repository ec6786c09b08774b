import { z } from 'zod'

/**
 * Lists are arrays. Where more follows, the response has a `Link` header with `rel="next"` (RFC 8288)
 * that names the next page; `nextPage` reads it.
 */
export const pageQuerySchema = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().min(1).max(512).optional().describe('From the link to the next page; opaque to clients.'),
})

export type PageQuery = z.infer<typeof pageQuerySchema>

/** The `Link` header for the page that begins after `cursor`. */
export function nextPageLink(url: URL, cursor: string): string {
  const next = new URL(url)
  next.searchParams.set('cursor', cursor)
  return `<${next.pathname}${next.search}>; rel="next"`
}

/** Path and query of the next page. Undefined: this was the last one. */
export function nextPage(linkHeader: string | null): string | undefined {
  for (const link of (linkHeader ?? '').split(/,\s*(?=<)/)) {
    const [, target, parameters = ''] = /^<([^>]*)>(.*)$/.exec(link.trim()) ?? []
    if (target !== undefined && /;\s*rel="?next"?\s*(;|$)/.test(parameters)) return target
  }
  return undefined
}
