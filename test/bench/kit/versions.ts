import { createRequire } from 'node:module'
import { z } from 'zod'
import { runCommand } from '#infra/system/run-command.ts'

const packageSchema = z.object({ version: z.string() })
const load = createRequire(import.meta.url)

/** Versions of installed npm packages, by name. */
export function packageVersions(...names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, packageSchema.parse(load(`${name}/package.json`)).version]))
}

/** Version of an installed Debian package. */
export async function debianVersion(name: string): Promise<string> {
  const { stdout } = await runCommand('dpkg-query', ['-W', '-f=${Version}', name])
  return stdout.trim()
}
