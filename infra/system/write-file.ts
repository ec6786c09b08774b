import { randomUUID } from 'node:crypto'
import { renameSync, writeFileSync } from 'node:fs'

/** Writes a file so that readers see the old or the new one, never half of it. `mode` is for the new file, as chmod takes it. */
export function writeFileAtomically(path: string, content: string, options: { mode?: number } = {}): void {
  const temporary = `${path}.${randomUUID()}.tmp`
  writeFileSync(temporary, content, { mode: options.mode ?? 0o644, flag: 'wx' })
  renameSync(temporary, path)
}
