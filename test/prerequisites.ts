import { existsSync } from 'node:fs'
import { ensureAptPackages } from '#infra/system/apt.ts'
import type { Log } from '#infra/system/progress.ts'

/** What the tests run beside npm's packages, each with what needs it. */
const packages = [
  { name: 'chromium', neededUnless: () => existsSync(process.env['CHROMIUM_BIN'] ?? '') },
  // The TURN server, and the client that tries it out.
  { name: 'coturn', neededUnless: () => false },
  // Networks of the tests' own, in which UDP is blocked.
  { name: 'iproute2', neededUnless: () => false },
  { name: 'nftables', neededUnless: () => false },
  // Has a browser trust a certificate of the tests.
  { name: 'libnss3-tools', neededUnless: () => false },
  // Makes the certificates of TLS tests.
  { name: 'openssl', neededUnless: () => false },
] as const

/**
 * Installs what the tests need, where that is allowed.
 * @throws {MissingPackagesError} naming what is missing otherwise.
 */
export async function ensureTestPrerequisites(options: { log: Log }): Promise<void> {
  const needed = packages.filter(({ neededUnless }) => !neededUnless()).map(({ name }) => name)
  await ensureAptPackages(needed, { purpose: 'by the tests', log: options.log })
}
