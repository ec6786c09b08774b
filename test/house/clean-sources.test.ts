import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '..', '..')
/** Made by tools, or not ours. */
const skipped = new Set(['node_modules', 'dist', 'coverage', 'test-results', '.git', '.ringway', '.wrangler'])
const isText = /\.(ts|tsx|js|mjs|json|jsonc|toml|md|html|css|sql|sh|txt|yml|yaml|cmake|cpp|hpp|h)$|CMakeLists|Dockerfile|run$/

function* filesBelow(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (skipped.has(entry.name)) continue
    const path = join(folder, entry.name)
    if (entry.isDirectory()) yield* filesBelow(path)
    else if (entry.isFile() && isText.test(entry.name) && entry.name !== 'package-lock.json') yield path
  }
}

/** Lines of the sources that match, as `file:line`. */
const linesWith = (pattern: RegExp): string[] =>
  [...filesBelow(root)].flatMap((file) =>
    readFileSync(file, 'utf8')
      .split('\n')
      .flatMap((line, index) => (pattern.test(line) ? [`${relative(root, file)}:${index + 1}`] : [])),
  )

it('holds no path of the machine that it was written on', () => {
  expect(linesWith(/(^|[\s"'`(=:])\/(home|Users|root|work)\/[\w.-]+/)).toEqual([])
})

it.each([
  ['private key', /-----BEGIN [A-Z ]*PRIVATE KEY-----\s*\S/],
  ['access key of AWS', /\b(AKIA|ASIA)[0-9A-Z]{16}\b/],
  ['token of GitHub', /\bgh[pousr]_\w{30,}/],
  ['token of Slack', /\bxox[abprs]-[\w-]{20,}/],
  ['JSON web token', /\beyJ[\w-]{20,}\.[\w-]{20,}\.[\w-]{20,}/],
])('holds no %s', (_what, pattern) => {
  expect(linesWith(pattern)).toEqual([])
})
