import { expect, it } from 'vitest'
import type { Operation } from '#shared/protocol/sapi/operation.ts'
import { operations } from '#shared/protocol/sapi/operations.ts'
import { app } from '#edge/app.ts'

/** The table of all operations is what is routed, no more and no less: documents and tests are made from it. */

const table: readonly [string, Operation][] = Object.entries(operations)

/** Hono answers `HEAD` by routes of `GET`. */
const routeOf = ({ method, path }: Operation, prefix: string): string =>
  `${method === 'head' ? 'GET' : method.toUpperCase()} ${prefix}${path}`

const routesUnder = (prefix: string): readonly string[] => [
  ...new Set(
    app.routes
      .filter(({ path, method }) => path.startsWith(`${prefix}/`) && method !== 'ALL')
      .map(({ path, method }) => `${method} ${path}`),
  ),
]

it.each(['/sapi', '/wac/sapi'])('every route under %s is an operation of the table, but for those of OAuth and the document', (prefix) => {
  const declared = new Set(table.map(([, operation]) => routeOf(operation, prefix)))
  const others = routesUnder(prefix).filter((route) => !declared.has(route) && !route.includes(` ${prefix}/o/`))
  expect(others).toEqual([`GET ${prefix}/openapi.json`])
})

it.each(['/sapi', '/wac/sapi'])('every operation of the table is routed under %s', (prefix) => {
  const routed = new Set(routesUnder(prefix))
  expect(table.filter(([, operation]) => !routed.has(routeOf(operation, prefix))).map(([id]) => id)).toEqual([])
})

it('no two operations share method and path, and none hides behind an earlier one with a parameter', () => {
  const seen: { id: string; method: string; pattern: RegExp }[] = []
  const hidden: string[] = []
  for (const [id, { method, path }] of table) {
    const earlier = seen.find((other) => other.method === method && other.pattern.test(path))
    if (earlier !== undefined) hidden.push(`${id} behind ${earlier.id}`)
    seen.push({ id, method, pattern: new RegExp(`^${path.replaceAll(/:\w+/g, '[^/]+')}$`) })
  }
  expect(hidden).toEqual([])
})

it.each(table)('the schema of %s has the parameters of its path', (_id, { path, params }) => {
  const named = [...path.matchAll(/:(\w+)/g)].map(([, name]) => name)
  expect(Object.keys(params?.shape ?? {}).toSorted()).toEqual(named.toSorted())
})
