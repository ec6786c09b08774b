import { spawn } from 'node:child_process'
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { z } from 'zod'
import type { Outcome } from './tally.ts'

const reportSchema = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      message: z.string().default(''),
      assertionResults: z.array(z.object({ fullName: z.string(), status: z.string() })),
    }),
  ),
})

export interface SuiteResult {
  readonly outcomes: readonly Outcome[]
  /** Test files that ran, relative to the root. */
  readonly files: readonly string[]
}

/**
 * Runs vitest and counts its tests. A file that fails as a whole, an error outside of tests
 * and a test that is skipped or left to do are failures each.
 * @param args Further arguments, such as `--project=unit`.
 * @param options.output Where vitest's own report goes. Default: this terminal.
 */
export async function runVitest(
  root: string,
  args: readonly string[],
  options: { output?: 'inherit' | 'ignore' } = {},
): Promise<SuiteResult> {
  const folder = mkdtempSync(join(tmpdir(), 'ringway-vitest-'))
  try {
    const report = join(folder, 'report.json')
    const code = await run(
      root,
      ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...args],
      options.output ?? 'inherit',
    )
    const { testResults } = reportSchema.parse(JSON.parse(readFileSync(report, 'utf8')))
    const outcomes = testResults.flatMap(({ name, status, assertionResults }) => {
      const file = relative(root, name)
      const tests = assertionResults.map((test) => ({ name: `${file}: ${test.fullName}`, passed: test.status === 'passed' }))
      const fileFailed = status !== 'passed' && tests.every(({ passed }) => passed)
      return fileFailed ? [...tests, { name: file, passed: false }] : tests
    })
    const unexplained = code !== 0 && outcomes.every(({ passed }) => passed)
    return {
      outcomes: unexplained ? [...outcomes, { name: `vitest ${args.join(' ')} ended with code ${code}`, passed: false }] : outcomes,
      files: testResults.map(({ name }) => relative(root, name)),
    }
  } catch (error) {
    // No report: vitest did not even start.
    console.error(error)
    return { outcomes: [{ name: `vitest ${args.join(' ')}`, passed: false }], files: [] }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** One failure for each test file that no project of vitest.config.ts runs. */
export function unclaimedFiles(root: string, ran: readonly string[]): readonly Outcome[] {
  return globSync('{shared,edge,media-fleet,infra,test}/**/*.test.{ts,tsx}', { cwd: root, exclude: ['**/node_modules/**'] })
    .filter((file) => !ran.includes(file))
    .map((file) => ({ name: `${file} is run by no project of vitest.config.ts`, passed: false }))
}

function run(root: string, args: readonly string[], stdio: 'inherit' | 'ignore'): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(root, 'node_modules', 'vitest', 'vitest.mjs'), ...args], { cwd: root, stdio })
    child.once('error', reject)
    child.once('close', (code) => resolve(code ?? 1))
  })
}
