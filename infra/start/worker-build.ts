import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { contentHash } from '../system/content-hash.ts'
import { type Log, withProgress } from '../system/progress.ts'
import { runCommand } from '../system/run-command.ts'

const keptBuilds = 4

/**
 * Bundles the Worker as a deployment would (wrangler), unless a bundle of the same sources is there already.
 * @param options.root The project's folder.
 * @returns the folder with the bundle and `options.json`, what miniflare needs to know of wrangler.toml.
 */
export async function buildWorker(options: { root: string; log: Log }): Promise<string> {
  const { root, log } = options
  const builds = join(root, 'dist', 'worker')
  const folder = join(builds, workerHash(root))
  if (existsSync(folder)) return folder
  await withProgress('Bundling the Worker', log, async () => {
    const temporary = `${folder}.${process.pid}.tmp`
    rmSync(temporary, { recursive: true, force: true })
    mkdirSync(temporary, { recursive: true })
    try {
      await runCommand(process.execPath, [join(import.meta.dirname, 'bundle-worker.ts'), temporary], {
        cwd: root,
        env: { WRANGLER_SEND_METRICS: 'false', CLOUDFLARE_CF_FETCH_ENABLED: 'false' },
      })
      renameOnto(temporary, folder)
    } finally {
      rmSync(temporary, { recursive: true, force: true })
    }
    prune(builds)
  })
  return folder
}

function workerHash(root: string): string {
  return contentHash(['edge', 'shared', 'wrangler.toml', 'package-lock.json', 'infra/start/bundle-worker.ts'], {
    root,
    ignore: (path) =>
      path === 'edge/web' || path === 'edge/docs' || path === 'shared/sdk' || path.endsWith('.test.ts') || path.endsWith('.md'),
  })
}

/** Another process may have made the same build in the meantime, which is as good. */
function renameOnto(temporary: string, folder: string): void {
  try {
    renameSync(temporary, folder)
  } catch (error) {
    if (!existsSync(folder)) throw error
  }
}

/** Keeps the newest ones: a running edge reads its bundle again when it is restarted. */
function prune(builds: string): void {
  readdirSync(builds)
    .map((name) => join(builds, name))
    .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)
    .slice(keptBuilds)
    .forEach((path) => rmSync(path, { recursive: true, force: true }))
}
