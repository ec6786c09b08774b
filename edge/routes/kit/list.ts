import { nextPageLink } from '#shared/protocol/sapi/paging.ts'
import type { PageOf } from '#edge/services/page.ts'
import type { IdentifiedContext } from './app-env.ts'

/** A page as an array, with a link to the next one (shared/protocol/sapi/paging.ts). */
export function listResponse<Item>(c: IdentifiedContext, page: PageOf<Item>) {
  if (page.next !== undefined) c.header('link', nextPageLink(new URL(c.req.url), page.next))
  return c.json(page.items)
}
