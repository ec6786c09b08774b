import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { ensureMediasoupWorker } from '#infra/mediasoup-worker/ensure.ts'
import { buildWeb } from '#infra/start/web-build.ts'
import type { Log } from '#infra/system/progress.ts'
import { runCommand } from '#infra/system/run-command.ts'
import { ensureTestPrerequisites } from '../prerequisites.ts'
import type { Outcome } from './tally.ts'

/** Passes by resolving, fails by throwing. */
interface Check {
  readonly name: string
  readonly run: () => Promise<unknown>
}

const tsconfigSchema = z.object({ references: z.array(z.object({ path: z.string() })) })
const packageSchema = z.object({ scripts: z.record(z.string(), z.string()) })

/** Everything that is checked beside the tests themselves, quickest first; set-up comes before what needs it. */
export function checks(root: string, options: { log: Log }): readonly Check[] {
  const { log } = options
  const json = (file: string): unknown => JSON.parse(readFileSync(join(root, file), 'utf8'))
  const bin = (name: string, ...args: string[]) => runCommand(join(root, 'node_modules', '.bin', name), args, { cwd: root })
  const projects = tsconfigSchema.parse(json('tsconfig.json')).references.map(({ path }) => path)
  const { scripts } = packageSchema.parse(json('package.json'))
  return [
    { name: 'prerequisites', run: () => ensureTestPrerequisites({ log }) },
    { name: 'mediasoup worker', run: () => ensureMediasoupWorker({ log }) },
    ...projects.map((path) => ({ name: `types of ${path}`, run: () => bin('tsc', '-p', path) })),
    { name: 'format', run: () => bin('oxfmt', '--check', '.') },
    { name: 'lint', run: () => ('lint' in scripts ? runCommand('npm', ['run', '--silent', 'lint'], { cwd: root }) : bin('oxlint')) },
    { name: 'unused code', run: () => bin('knip') },
    { name: 'web build', run: () => buildWeb({ root, log }) },
    { name: 'wrangler deploy --dry-run', run: () => dryRun(root) },
  ]
}

/** Runs checks one after another; what a failed one says is printed. */
export async function runChecks(list: readonly Check[], options: { log: Log }): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = []
  for (const check of list) {
    const startedAt = performance.now()
    const failure = await check.run().then(
      () => undefined,
      (error: unknown) => error,
    )
    const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1)
    options.log(`${failure === undefined ? '✓' : '✗'} ${check.name} (${seconds} s)`)
    if (failure !== undefined) options.log(failure instanceof Error ? failure.message : String(failure))
    outcomes.push({ name: check.name, passed: failure === undefined })
  }
  return outcomes
}

async function dryRun(root: string): Promise<void> {
  const folder = join(root, 'dist', 'dry-run')
  await runCommand(join(root, 'node_modules', '.bin', 'wrangler'), ['deploy', '--dry-run', '--outdir', folder], {
    cwd: root,
    env: { WRANGLER_SEND_METRICS: 'false', CLOUDFLARE_CF_FETCH_ENABLED: 'false' },
  })
  if (!existsSync(join(folder, 'index.js'))) throw new Error('wrangler wrote no Worker')
}
