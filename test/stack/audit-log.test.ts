import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { nextPage } from '#shared/protocol/sapi/paging.ts'
import { type Stack, startStack } from '#test/support/stack.ts'

/** OPS-1: what an admin changes is written down first, so that no change is missing even where the edge dies in the middle. */

let stack: Stack
let token: string

beforeAll(async () => {
  stack = await startStack()
  const login = { grant_type: 'password', username: stack.admin.account, password: stack.adminPassword }
  const response = await fetch(`${stack.url}/sapi/o/token`, { method: 'POST', body: new URLSearchParams(login) })
  token = z.object({ access_token: z.string() }).parse(await response.json()).access_token
})

afterAll(async () => {
  await stack?.stop()
})

const headers = () => ({ authorization: `Bearer ${token}`, 'content-type': 'application/json' })

async function all<Item extends z.ZodType>(path: string, item: Item): Promise<z.infer<Item>[]> {
  const items: z.infer<Item>[] = []
  for (let next: string | undefined = path; next !== undefined;) {
    const response: Response = await fetch(stack.url + next, { headers: headers() })
    expect(response.status).toBe(200)
    items.push(...z.array(item).parse(await response.json()))
    next = nextPage(response.headers.get('link'))
  }
  return items
}

test('every user that came to be has an intent in the log, though the edge was killed while they were made', async () => {
  const create = (index: number) => {
    const body = JSON.stringify({ domain: 'default', username: `made-${index}`, role: 'user' })
    return fetch(`${stack.url}/sapi/users`, { method: 'POST', headers: headers(), body }).catch(() => undefined)
  }
  let answered = 0
  const making = Array.from({ length: 8 }, async (_, lane) => {
    for (let index = 0; index < 60; index++) if ((await create(lane * 100 + index))?.status === 201) answered++
  })
  await expect.poll(() => answered, { timeout: 60_000 }).toBeGreaterThan(40)
  stack.killEdge()
  await Promise.all(making)
  await stack.untilReady()

  const made = (await all('/sapi/users?limit=200&q=made-', z.object({ id: z.string() }))).map(({ id }) => id)
  const month = new Date().toISOString().slice(0, 7)
  const entrySchema = z.object({ operation: z.string(), status: z.number().nullable(), created: z.string().nullable() })
  const intents = (await all(`/sapi/audit?limit=200&month=${month}`, entrySchema)).filter(({ operation }) => operation === 'createUser')
  // It was in the middle.
  expect(answered).toBeLessThan(8 * 60)
  expect(made.length).toBeGreaterThanOrEqual(answered)
  expect(intents.length).toBeGreaterThanOrEqual(made.length)
  // Who is not named by an outcome was made by an intent whose outcome is not known.
  const named = new Set(intents.map(({ created }) => created?.slice('/sapi/users/'.length)))
  const unnamed = made.filter((id) => !named.has(id))
  expect(intents.filter(({ status }) => status === null).length).toBeGreaterThanOrEqual(unnamed.length)
})
