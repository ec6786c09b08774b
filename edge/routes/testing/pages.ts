import { nextPage } from '#shared/protocol/sapi/paging.ts'
import { call, expectJson } from './api.ts'

/** All pages of a list. */
export async function pages<Item>(first: string, token: string): Promise<Item[][]> {
  const found: Item[][] = []
  let path: string | undefined = first
  while (path !== undefined) {
    const response = await call(path, { token })
    found.push(await expectJson<Item[]>(response, 200))
    path = nextPage(response.headers.get('link'))
  }
  return found
}
