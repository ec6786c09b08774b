import { readFileSync } from 'node:fs'
import { findPackageJSON } from 'node:module'
import { z } from 'zod'
import { runCommand } from '#infra/system/run-command.ts'

const packageSchema = z.object({ version: z.string() })

/** Versions of installed npm packages, by name. */
export function packageVersions(...names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, packageVersion(name)]))
}

function packageVersion(name: string): string {
  const path = findPackageJSON(name, import.meta.url)
  if (path === undefined) throw new Error(`${name} is not installed; run npm ci.`)
  return packageSchema.parse(JSON.parse(readFileSync(path, 'utf8'))).version
}

/** Version of an installed Debian package. */
export async function debianVersion(name: string): Promise<string> {
  const { stdout } = await runCommand('dpkg-query', ['-W', '-f=${Version}', name])
  return stdout.trim()
}
