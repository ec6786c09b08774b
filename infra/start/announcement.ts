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
  /** Generated at this very first start, and told only now. */
  issuedAdminPassword: string | undefined
  accounts: readonly Account[]
  secretsFile: string
}): readonly string[] {
  const { config, issuedAdminPassword, accounts, secretsFile } = options
  const admin =
    issuedAdminPassword === undefined
      ? `Administrator: ${config.admin}`
      : `Administrator: ${config.admin}, password ${issuedAdminPassword} (generated; it is not shown again)`
  if (accounts.length === 0) return [admin]
  if (config.loopbackOnly) {
    const names = accounts.map(({ username }) => username).join(', ')
    return [admin, `Demo accounts: ${names}, password ${accounts[0]?.password}`]
  }
  return [
    admin,
    `Demo accounts (passwords are kept in ${secretsFile}):`,
    ...accounts.map(({ username, password }) => `  ${username}  ${password}`),
  ]
}
