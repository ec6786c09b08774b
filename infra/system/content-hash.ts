import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, sep } from 'node:path'

/**
 * SHA-256 (hex, 32 digits of it) over names and contents of files and whole folders. What does not exist is skipped.
 * @param options.root Paths are relative to it, so that a moved checkout hashes the same.
 * @param options.ignore Told each path relative to the root, with `/`.
 */
export function contentHash(paths: readonly string[], options: { root: string; ignore?: (path: string) => boolean }): string {
  const hash = createHash('sha256')
  const visit = (path: string): void => {
    const name = path.split(sep).join('/')
    if (options.ignore?.(name) === true) return
    const absolute = join(options.root, path)
    const stat = statSync(absolute, { throwIfNoEntry: false })
    if (stat === undefined) return
    if (stat.isDirectory()) {
      for (const entry of readdirSync(absolute).sort()) visit(join(path, entry))
      return
    }
    const content = readFileSync(absolute)
    hash.update(`${name}\0${content.length}\0`).update(content)
  }
  for (const path of paths) visit(path)
  return hash.digest('hex').slice(0, 32)
}
