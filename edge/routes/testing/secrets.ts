import { expect, vi } from 'vitest'
import { env } from './api.ts'

/** Everything that is written to the log from now on, until the test's end. */
export function readLogs(): () => string {
  const spies = (['debug', 'info', 'log', 'warn', 'error'] as const).map((level) => vi.spyOn(console, level))
  return () =>
    spies
      .flatMap((spy) => spy.mock.calls)
      .flat()
      .map(String)
      .join('\n')
}

/** Fails where the database holds one of these texts in any table. */
export async function expectNowhereStored(...secrets: string[]): Promise<void> {
  const { results: tables } = await env.DB.prepare(
    "select name from sqlite_master where type = 'table' and name not like '\\_cf%' escape '\\'",
  ).all<{
    name: string
  }>()
  expect(tables.map(({ name }) => name)).toContain('credentials')
  for (const { name } of tables) {
    const { results } = await env.DB.prepare(`select * from "${name}"`).all()
    for (const secret of secrets) expect(JSON.stringify(results), `in ${name}`).not.toContain(secret)
  }
}
