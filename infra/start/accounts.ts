import type { Secrets } from './Secrets.ts'

/** An account that exists from the first start on, with a known password. */
export interface Account {
  readonly username: string
  readonly password: string
  readonly displayName: string
}

const demoUsers = [
  { username: 'alice', displayName: 'Alice Archer' },
  { username: 'bob', displayName: 'Bob Baker' },
  { username: 'carol', displayName: 'Carol Carter' },
  { username: 'dave', displayName: 'Dave Dyer' },
] as const

/** Good enough only because nothing but this machine can connect. */
const loopbackPassword = 'ringway-demo'

/** Demo accounts: one easy password for all on loopback; elsewhere a generated one each, the same at every start. */
export function demoAccounts(options: { loopbackOnly: boolean; secrets: Secrets }): readonly Account[] {
  return demoUsers.map((user) => ({
    ...user,
    password: options.loopbackOnly ? loopbackPassword : options.secrets.demoPasswordFor(user.username),
  }))
}
