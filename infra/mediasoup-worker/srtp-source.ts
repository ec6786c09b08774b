import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Log } from '../system/progress.ts'
import { runCommand } from '../system/run-command.ts'

/**
 * Fetches the distribution's libsrtp 2 source package into a folder, patched, signatures checked by apt. The machine's
 * own package lists stay untouched: the sources are asked for through a temporary copy of its sources list.
 * @returns the source folder, or undefined where apt offers no sources (reason logged).
 */
export async function fetchSrtpSource(folder: string, options: { log: Log }): Promise<string | undefined> {
  try {
    mkdirSync(join(folder, 'lists', 'partial'), { recursive: true })
    mkdirSync(join(folder, 'parts'))
    writeSourceLists(join(folder, 'parts'))
    const settings = {
      'Dir::Etc::SourceList': '/dev/null',
      'Dir::Etc::SourceParts': join(folder, 'parts'),
      'Dir::State::Lists': join(folder, 'lists'),
      'Dir::Cache': join(folder, 'cache'),
      // The unprivileged download user may not write here.
      'APT::Sandbox::User': '',
    }
    const args = Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`])
    await runCommand('apt-get', [...args, '-qq', 'update'], { cwd: folder })
    await runCommand('apt-get', [...args, '-qq', '--download-only', 'source', 'libsrtp2'], { cwd: folder })
    const description = readdirSync(folder).find((name) => name.endsWith('.dsc'))
    if (description === undefined) throw new Error('apt downloaded no libsrtp2 source package')
    // apt has checked the signatures, so dpkg-source need not know the maintainers' keys.
    await runCommand('dpkg-source', ['--no-check', '--extract', description, 'libsrtp2'], { cwd: folder })
    return join(folder, 'libsrtp2')
  } catch (error) {
    options.log(`libsrtp's sources cannot be had (${firstLine(error)}); using the slower libsrtp2-dev`)
    return undefined
  }
}

/** Copies of the machine's package sources, asking for sources instead of binaries. */
function writeSourceLists(target: string): void {
  const found = ['/etc/apt/sources.list', ...listFolder('/etc/apt/sources.list.d')].filter((path) => existsSync(path))
  found.forEach((path, index) => {
    const text = readFileSync(path, 'utf8')
    if (path.endsWith('.sources')) writeFileSync(join(target, `${index}.sources`), text.replace(/^Types:.*$/gm, 'Types: deb-src'))
    if (path.endsWith('.list')) writeFileSync(join(target, `${index}.list`), text.replace(/^deb\s/gm, 'deb-src '))
  })
}

function listFolder(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : []
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).trim().replaceAll('\n', '; ').slice(0, 300)
}
