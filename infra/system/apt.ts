import { spawn } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { type Log, withProgress } from './progress.ts'
import { tryCommand } from './run-command.ts'

const maxOutput = 4_000

/** Named Debian packages are missing and may not be installed from here. */
export class MissingPackagesError extends Error {
  override readonly name = 'MissingPackagesError'
  readonly packages: readonly string[]

  constructor(packages: readonly string[], options: { purpose: string; reason: string; cause?: unknown }) {
    super(
      `Missing Debian package${packages.length === 1 ? '' : 's'} ${packages.join(' ')}, needed ${options.purpose}; ${options.reason}. ` +
        `Install by hand: apt-get install ${packages.join(' ')}`,
      { cause: options.cause },
    )
    this.packages = packages
  }
}

/**
 * Sees to it that Debian packages are installed: through apt as root or by sudo that asks for no password.
 * @param options.purpose Continues "needed …" in messages, such as `to compile the mediasoup worker`.
 * @throws {MissingPackagesError} naming exactly what is missing, when apt is absent, not allowed, or fails.
 */
export async function ensureAptPackages(packages: readonly string[], options: { purpose: string; log: Log }): Promise<void> {
  const missing = await missingPackages(packages)
  if (missing.length === 0) return
  const fail = (reason: string, cause?: unknown): never => {
    throw new MissingPackagesError(missing, { purpose: options.purpose, reason, cause })
  }
  const prefix = await rootPrefix()
  if (prefix === undefined) return fail('this user is not root and sudo asks for a password')
  if (!(await succeeds('apt-get', ['--version']))) return fail('this machine has no apt-get')
  const asRoot = (...command: string[]) => runToItsEnd([...prefix, 'env', 'DEBIAN_FRONTEND=noninteractive', ...command])
  const aptGet = (...args: string[]) => asRoot('apt-get', '-qq', '-o', 'DPkg::Lock::Timeout=300', ...args)
  options.log(`Installing Debian packages ${options.purpose}: ${missing.join(' ')}`)
  await withProgress('Installing Debian packages', options.log, async (detail) => {
    // Package lists may be absent (containers) or too old for the mirror; a failure here shows up in the install.
    detail('apt-get update')
    await aptGet('update')
    detail('apt-get install')
    const install = () => aptGet('install', '--yes', '--no-install-recommends', ...missing)
    let result = await install()
    if (result.output.includes('dpkg was interrupted')) {
      await asRoot('dpkg', '--configure', '-a')
      result = await install()
    }
    if (result.code !== 0) fail(`apt-get failed: ${result.output}`)
  })
}

/**
 * Runs a command that must not be cut off half-way, as dpkg: in a session of its own, where Ctrl-C does not reach it, and
 * with its output in a file, so that it goes on even if this process ends.
 */
async function runToItsEnd([command = '', ...args]: readonly string[]): Promise<{ code: number; output: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'ringway-apt-'))
  const file = join(folder, 'output')
  const descriptor = openSync(file, 'w')
  try {
    const child = spawn(command, args, { detached: true, stdio: ['ignore', descriptor, descriptor] })
    const code = await new Promise<number>((resolve) => {
      child.once('error', () => resolve(127))
      child.once('close', (exitCode) => resolve(exitCode ?? 1))
    })
    return { code, output: readFileSync(file, 'utf8').trim().slice(-maxOutput) }
  } finally {
    closeSync(descriptor)
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Which of the packages dpkg does not know as installed; all of them where there is no dpkg. */
async function missingPackages(packages: readonly string[]): Promise<readonly string[]> {
  const result = await tryCommand('dpkg-query', ['-W', '-f=${Package} ${db:Status-Status}\n', ...packages]).catch(() => undefined)
  const installed = new Set(
    (result?.stdout ?? '')
      .split('\n')
      .filter((line) => line.endsWith(' installed'))
      .map((line) => line.slice(0, line.indexOf(' '))),
  )
  return packages.filter((name) => !installed.has(name))
}

/** What to put before a command so that it runs as root: nothing, sudo, or undefined where neither is allowed. */
async function rootPrefix(): Promise<readonly string[] | undefined> {
  if (userInfo().uid === 0) return []
  return (await succeeds('sudo', ['-n', 'true'])) ? ['sudo', '-n'] : undefined
}

async function succeeds(command: string, args: readonly string[]): Promise<boolean> {
  const result = await tryCommand(command, args).catch(() => undefined)
  return result?.code === 0
}
