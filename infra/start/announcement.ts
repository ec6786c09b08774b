import type { Account } from './accounts.ts'
import { type StartConfig, urlHost } from './config.ts'

/** What a careful operator would want to know about this configuration. */
export function warnings(config: StartConfig): readonly string[] {
  if (config.loopbackOnly || config.tls !== undefined) return []
  return [
    `RINGWAY_BIND is ${urlHost(config.bind)} and there is no TLS: passwords and tokens travel in the clear, and browsers ` +
      'give camera and microphone to no page off localhost. Set RINGWAY_TLS_CERT and RINGWAY_TLS_KEY.',
  ]
}

/** The accounts that can sign in, as lines for the terminal. Generated passwords are shown; those from the environment are not. */
export function describeAccounts(options: {
  config: StartConfig
  /** The first admin, which later values of RINGWAY_ADMIN do not change. */
  admin: string
  /** Generated at this very first start, and told only now. */
  generatedAdminPassword: string | undefined
  accounts: readonly Account[]
  secretsFile: string
}): readonly string[] {
  const { config, admin, generatedAdminPassword, accounts, secretsFile } = options
  const secret = generatedAdminPassword === undefined ? '' : `, password ${generatedAdminPassword} (generated; it is not shown again)`
  return [`Administrator: ${admin}${secret}`, ...demoLines(accounts, { loopbackOnly: config.loopbackOnly, secretsFile })]
}

function demoLines(accounts: readonly Account[], options: { loopbackOnly: boolean; secretsFile: string }): readonly string[] {
  if (accounts.length === 0) return []
  if (options.loopbackOnly) {
    const names = accounts.map(({ username }) => username).join(', ')
    return [`Demo accounts: ${names}, password ${accounts[0]?.password}`]
  }
  return [
    `Demo accounts (their passwords are kept in ${options.secretsFile}):`,
    ...accounts.map(({ username, password }) => `  ${username}  ${password}`),
  ]
}
