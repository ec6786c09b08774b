import type { DemoAccounts } from './accounts.ts'
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
  /** The first admin, which later values of RINGWAY_ADMIN do not change. */
  admin: string
  /** Generated at this very first start, and told only now. */
  generatedAdminPassword: string | undefined
  demo: DemoAccounts | undefined
  secretsFile: string
}): readonly string[] {
  const { admin, generatedAdminPassword, demo, secretsFile } = options
  const secret = generatedAdminPassword === undefined ? '' : `, password ${generatedAdminPassword} (generated; it is not shown again)`
  return [`Administrator: ${admin}${secret}`, ...(demo === undefined ? [] : demoLines(demo, secretsFile))]
}

function demoLines({ accounts, note }: DemoAccounts, secretsFile: string): readonly string[] {
  if (note.passwords === 'easy') {
    return [`Demo accounts: ${accounts.map(({ username }) => username).join(', ')}, password ${accounts[0]?.password}`]
  }
  return [
    `Demo accounts (their passwords are kept in ${secretsFile}):`,
    ...accounts.map(({ username, password }) => `  ${username}  ${password}`),
  ]
}
