import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { unstable_getMiniflareWorkerOptions } from 'wrangler'
import { CommandError, runCommand } from '../system/run-command.ts'

/**
 * `bundle-worker.ts <folder>`: writes the Worker's bundle and miniflare's options for it into a folder. A program of its
 * own, because loading wrangler takes most of a second, which a start that finds a bundle does without.
 */
const [, , folder] = process.argv
if (folder === undefined) throw new TypeError('usage: bundle-worker.ts <folder>')

try {
  await runCommand(process.execPath, [join('node_modules', 'wrangler', 'bin', 'wrangler.js'), 'deploy', '--dry-run', '--outdir', folder])
} catch (error) {
  console.error(error instanceof CommandError ? error.output : error)
  process.exit(1)
}

// modulesRules steer wrangler's bundling, which is done, and miniflare 5 refuses them.
const { modulesRules: _done, ...options } = unstable_getMiniflareWorkerOptions('wrangler.toml').workerOptions
writeFileSync(join(folder, 'options.json'), JSON.stringify(options))
