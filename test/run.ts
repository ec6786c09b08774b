import { resolve } from 'node:path'
import { checks, runChecks } from './runner/checks.ts'
import { isSuccess, type Outcome, summaryLine } from './runner/tally.ts'
import { runVitest, unclaimedFiles } from './runner/vitest.ts'

/** `npm test`: everything that must hold before a change lands. The last line counts it all. */
const root = resolve(import.meta.dirname, '..')
const log = (line: string): void => console.log(line)

/** A slow machine is no failure: what hangs is ended by these, and nothing else is. */
const patience = ['--testTimeout=60000', '--hookTimeout=60000']
/** What a passed test has logged, such as the errors that it provoked, is of no interest. */
const quiet = ['--silent=passed-only']

async function runAll(): Promise<readonly Outcome[]> {
  const checked = await runChecks(checks(root, { log }), { log })
  // Whole stacks and browsers run alone and one after another: on a small machine anything beside them disturbs what they observe.
  const light = await runVitest(root, ['--project=unit', '--project=edge-*', '--project=workerd', '--project=fleet', ...patience, ...quiet])
  const heavy = await runVitest(root, ['--project=stack', '--project=browser', '--no-file-parallelism'])
  return [...checked, ...light.outcomes, ...heavy.outcomes, ...unclaimedFiles(root, [...light.files, ...heavy.files])]
}

const outcomes = await runAll()
for (const { name } of outcomes.filter(({ passed }) => !passed)) log(`✗ ${name}`)
log(summaryLine(outcomes))
process.exitCode = isSuccess(outcomes) ? 0 : 1
