import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runVitest, unclaimedFiles } from './vitest.ts'

const modules = resolve(import.meta.dirname, '..', '..', 'node_modules')
let root: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ringway-runner-'))
  symlinkSync(modules, join(root, 'node_modules'))
  write('vitest.config.ts', `export default { test: { projects: [{ test: { name: 'unit', include: ['shared/*.test.ts'] } }] } }`)
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}

const runUnit = () => runVitest(root, ['--project=unit'], { output: 'ignore' })

const test = (name: string, body: string): string => `import { expect, it } from 'vitest'\n${name}('works', () => { ${body} })\n`

describe('runVitest', () => {
  it('counts what passes', async () => {
    write('shared/a.test.ts', test('it', 'expect(1).toBe(1)'))
    const { outcomes, files } = await runUnit()
    expect(outcomes).toEqual([{ name: 'shared/a.test.ts: works', passed: true }])
    expect(files).toEqual(['shared/a.test.ts'])
  })

  it('takes for failures: a failed test, a skipped one, a file that does not load, an error outside of tests', async () => {
    write('shared/failed.test.ts', test('it', 'expect(1).toBe(2)'))
    write('shared/skipped.test.ts', test('it.skip', ''))
    write('shared/broken.test.ts', `import './nothing-here.ts'\n`)
    const { outcomes } = await runUnit()
    expect(outcomes.toSorted((a, b) => a.name.localeCompare(b.name))).toEqual([
      { name: 'shared/broken.test.ts', passed: false },
      { name: 'shared/failed.test.ts: works', passed: false },
      { name: 'shared/skipped.test.ts: works', passed: false },
    ])
    for (const name of ['failed', 'skipped', 'broken']) rmSync(join(root, 'shared', `${name}.test.ts`))
    write('shared/stray.test.ts', `${test('it', '')}\nvoid Promise.reject(new Error('stray'))\n`)
    const stray = await runUnit()
    expect(stray.outcomes).toContainEqual({ name: 'vitest --project=unit ended with code 1', passed: false })
  })

  it('fails where there is nothing to run', async () => {
    const { outcomes } = await runUnit()
    expect(outcomes.map(({ passed }) => passed)).toEqual([false])
  })
})

describe('unclaimedFiles', () => {
  it('finds tests that no project has run', () => {
    write('shared/a.test.ts', '')
    write('edge/forgotten.test.ts', '')
    write('edge/node_modules/x/y.test.ts', '')
    expect(unclaimedFiles(root, ['shared/a.test.ts'])).toEqual([
      { name: 'edge/forgotten.test.ts is run by no project of vitest.config.ts', passed: false },
    ])
  })
})
