import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { tokens } from '#edge/routes/sign-in/style.ts'

/** The provider's pages are served without the web applications, with the same look. */
const tokensOf = (css: string) =>
  new Map([...css.matchAll(/^ {2}(--[\w-]+): ([^;]+);$/gmu)].map(([, name = '', value = '']) => [name, value]))

test('the sign-in pages have the design tokens of the webphone', () => {
  const ours = tokensOf(readFileSync(join(import.meta.dirname, 'tokens.css'), 'utf8'))
  const theirs = tokensOf(tokens)
  expect(theirs.size).toBeGreaterThan(20)
  for (const [name, value] of theirs) expect({ name, value }).toEqual({ name, value: ours.get(name) })
})
