import { z } from 'zod'
import type { StartConfig } from './config.ts'
import type { DemoAccountsNote, Secrets } from './Secrets.ts'

/** An account that exists from the first start on, with a known password. */
export interface Account {
  readonly username: string
  readonly password: string
  readonly displayName: string
}

/** Everyone can sign in to a demo account, and the deployment was about to let everyone connect. */
export class OpenDemoAccountsError extends Error {
  override readonly name = 'OpenDemoAccountsError'
}

const demoUsers = [
  { username: 'alice', displayName: 'Alice Archer' },
  { username: 'bob', displayName: 'Bob Baker' },
  { username: 'carol', displayName: 'Carol Carter' },
  { username: 'dave', displayName: 'Dave Dyer' },
] as const

/** Good enough only while nothing but this machine can connect. */
const easyPassword = 'ringway-demo'

export interface DemoAccounts {
  /** To be created unless they exist. */
  readonly accounts: readonly Account[]
  readonly note: DemoAccountsNote
}

/**
 * The demo accounts of this deployment: created on loopback, one easy password for all; else a generated one each. They
 * keep what they were created with. Undefined: none are wanted, or none whose passwords may be told.
 */
export function demoAccounts(config: StartConfig, secrets: Secrets): DemoAccounts | undefined {
  if (!config.demo) return undefined
  const note = secrets.createdDemo ?? { passwords: config.loopbackOnly ? 'easy' : 'generated', domain: config.defaultDomain }
  if (note.passwords === 'easy' && !config.loopbackOnly) return undefined
  const passwordOf = (username: string): string => (note.passwords === 'easy' ? easyPassword : secrets.demoPasswordFor(username))
  return { accounts: demoUsers.map((user) => ({ ...user, password: passwordOf(user.username) })), note }
}

const tokenSchema = z.object({ access_token: z.string() })

/**
 * Sees to it that no demo account of an earlier start on loopback is open to the world.
 * @param options.edgeUrl The edge, while only this machine can reach it.
 * @throws {OpenDemoAccountsError}
 */
export async function refuseOpenDemoAccounts(config: StartConfig, options: { secrets: Secrets; edgeUrl: string }): Promise<void> {
  const { createdDemo } = options.secrets
  if (config.loopbackOnly || createdDemo?.passwords !== 'easy') return
  for (const { username } of demoUsers) {
    const account = `${username}@${createdDemo.domain}`
    const response = await fetch(`${options.edgeUrl}/sapi/o/token`, {
      method: 'POST',
      body: new URLSearchParams({ grant_type: 'password', username: account, password: easyPassword }),
    })
    if (!tokenSchema.safeParse(await response.json().catch(() => undefined)).success) continue
    throw new OpenDemoAccountsError(
      `The demo account ${account} still has the password of a start that only this machine could reach. Start with RINGWAY_BIND=127.0.0.1 ` +
        'and, as the administrator, give it another password or delete it; or set RINGWAY_STATE_DIR to another folder.',
    )
  }
}
