import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { contentHash } from '../system/content-hash.ts'
import { lock } from '../system/file-lock.ts'
import { type Log, withProgress } from '../system/progress.ts'
import { runCommand } from '../system/run-command.ts'
import { writeFileAtomically } from '../system/write-file.ts'

/**
 * Builds the web applications into `dist/web`, unless what is there was built from the same sources.
 * @param options.root The project's folder.
 */
export async function buildWeb(options: { root: string; log: Log }): Promise<void> {
  const { root, log } = options
  const target = join(root, 'dist', 'web')
  const stamp = join(root, 'dist', 'web.stamp')
  const hash = contentHash(['edge/web', 'edge/docs', 'edge/domain/entry', 'shared', 'package.json', 'package-lock.json'], {
    root,
    ignore: (path) => path.endsWith('.test.ts') || path.endsWith('.test.tsx'),
  })
  const isCurrent = (): boolean => existsSync(target) && existsSync(stamp) && readFileSync(stamp, 'utf8') === hash
  if (isCurrent()) return
  mkdirSync(join(root, 'dist'), { recursive: true })
  const held = await lock(`${stamp}.lock`, {
    onWait: (holder) => log(`Waiting for process ${holder.pid}, which builds the web applications …`),
  })
  try {
    if (isCurrent()) return
    await withProgress('Building the web applications', log, async () => {
      const fresh = `${target}.new`
      const old = `${target}.old`
      for (const folder of [fresh, old]) rmSync(folder, { recursive: true, force: true })
      await runCommand(
        process.execPath,
        [
          join('node_modules', 'vite', 'bin', 'vite.js'),
          'build',
          '--config',
          'edge/web/vite.config.ts',
          '--outDir',
          fresh,
          '--emptyOutDir',
          '--logLevel',
          'warn',
        ],
        { cwd: root },
      )
      rmSync(stamp, { force: true })
      if (existsSync(target)) renameSync(target, old)
      renameSync(fresh, target)
      rmSync(old, { recursive: true, force: true })
      writeFileAtomically(stamp, hash)
    })
  } finally {
    held.release()
  }
}
