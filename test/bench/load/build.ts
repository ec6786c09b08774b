import { existsSync, mkdirSync, renameSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { ensureAptPackages } from '#infra/system/apt.ts'
import { contentHash } from '#infra/system/content-hash.ts'
import { type Log, withProgress } from '#infra/system/progress.ts'
import { runCommand } from '#infra/system/run-command.ts'

const sources = join(import.meta.dirname, 'native')

/** The load generator's executable: compiled at first use, then kept per content of its sources. */
export async function ensureLoadGenerator(options: { log: Log }): Promise<string> {
  const folder = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'ringway', 'bench')
  const binary = join(folder, `rtpload-${process.platform}-${process.arch}-${contentHash(['.'], { root: sources }).slice(0, 8)}`)
  if (existsSync(binary)) return binary
  await ensureAptPackages(['g++', 'libssl-dev'], { purpose: 'to compile the load generator of the benches', log: options.log })
  mkdirSync(folder, { recursive: true })
  const temporary = `${binary}.${process.pid}.tmp`
  await withProgress('Compiling the load generator', options.log, () =>
    runCommand('g++', ['-std=c++20', '-O2', '-Wall', '-Wextra', '-o', temporary, 'main.cc', 'Generator.cc', 'srtp.cc', '-lcrypto'], {
      cwd: sources,
    }),
  )
  renameSync(temporary, binary)
  return binary
}
