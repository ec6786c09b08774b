import { z } from 'zod'
import { AppError } from '#shared/errors/AppError.ts'
import { newId } from '#shared/ids/ids.ts'
import { domainNameSchema, usernameSchema } from '#shared/protocol/sapi/names.ts'
import type { Role } from '#shared/protocol/tokens.ts'
import { type Clock, systemClock } from '#shared/time/clock.ts'
import { hashPassword } from '#edge/auth/password.ts'
import { tokenService, type TokensEnv } from '#edge/auth/tokens.ts'
import { doneSteps, hasPlatformAdmin, insertDomainUnlessNamed, insertUserUnlessNamed } from '#edge/db/d1/bootstrap.ts'
import { type Database, database } from '#edge/db/d1/database.ts'
import { type DomainRow, findDomainByName } from '#edge/db/d1/domains.ts'
import { pathUnder } from '#edge/domain/identity/domain-chain.ts'
import { searchTextOf } from '#edge/domain/identity/search.ts'
import { allServices } from '#edge/domain/identity/services.ts'
import { parseUserTarget } from '#edge/domain/identity/user-target.ts'
import type { Env } from '#edge/env.ts'
import { deploymentSettings } from './directory.ts'
import { deploymentProviders } from './federation/providers.ts'
import { loggerOf } from './logger.ts'

/** Why the deployment cannot serve yet; shown by `/healthz`. */
export type NotReady = 'databaseNotMigrated' | 'adminPasswordMissing' | 'masterKeyUnusable' | 'misconfigured'

export type BootstrapEnv = TokensEnv &
  Pick<
    Env,
    | 'RINGWAY_DEFAULT_DOMAIN'
    | 'RINGWAY_ADMIN'
    | 'RINGWAY_ADMIN_PASSWORD'
    | 'RINGWAY_DEMO_ACCOUNTS'
    | 'RINGWAY_LOG_LEVEL'
    | 'RINGWAY_SETTINGS'
    | 'RINGWAY_OAUTH_PROVIDERS'
  >

const accountsSchema = z
  .array(z.object({ username: z.string(), password: z.string().min(1), displayName: z.string().max(128).default('') }))
  .max(100)

let done = false

export function forgetBootstrap(): void {
  done = false
}

/**
 * Creates what a deployment cannot do without: the default domain, its first admin and the accounts asked
 * for. Once per isolate; repeating it, or doing it in two isolates at once, changes nothing.
 * @throws AppError `unavailable` with a `reason` (`NotReady`) in its context.
 */
export async function ensureBootstrapped(env: BootstrapEnv, clock: Clock = systemClock): Promise<void> {
  if (done) return
  try {
    await bootstrap(env, clock)
    done = true
  } catch (thrown) {
    const error = thrown instanceof AppError ? thrown : notReady(reasonOf(thrown), thrown)
    loggerOf(env, { component: 'bootstrap' }).error('bootstrap.failed', { reason: error.context['reason'], error })
    throw error
  }
}

async function bootstrap(env: BootstrapEnv, clock: Clock): Promise<void> {
  const db = database(env.DB)
  checkSettings(env)
  await ensureSigningKeys(env)
  const domain = await ensureDomain(db, parsed(domainNameSchema, env.RINGWAY_DEFAULT_DOMAIN, 'RINGWAY_DEFAULT_DOMAIN'), clock)
  await ensureAdmin(db, env, domain, clock)
  await ensureAccounts(db, env, domain, clock)
}

function checkSettings(env: BootstrapEnv): void {
  try {
    deploymentSettings(env)
    deploymentProviders(env)
  } catch (thrown) {
    throw notReady('misconfigured', thrown)
  }
}

/** Without them nobody could log in: the master key is missing, or is another than the one that sealed them. */
async function ensureSigningKeys(env: BootstrapEnv): Promise<void> {
  try {
    await tokenService(env).publicKeys()
  } catch (thrown) {
    throw thrown instanceof AppError ? notReady('masterKeyUnusable', thrown) : thrown
  }
}

async function ensureAdmin(db: Database, env: BootstrapEnv, domain: DomainRow, clock: Clock): Promise<void> {
  if (await hasPlatformAdmin(db)) return
  const password = env.RINGWAY_ADMIN_PASSWORD
  if (password === undefined || password === '') throw notReady('adminPasswordMissing')
  const account = { username: env.RINGWAY_ADMIN, password, displayName: '', role: 'platform-admin' } as const
  await createAccount(db, account, { domain, step: `admin:${newId()}`, clock })
  if (!(await hasPlatformAdmin(db))) throw notReady('misconfigured', new Error(`${env.RINGWAY_ADMIN} exists, but is no platform admin`))
  loggerOf(env, { component: 'bootstrap' }).info('bootstrap.adminCreated', { username: env.RINGWAY_ADMIN })
}

/** Each account is created once: one that an admin deletes later does not come back. */
async function ensureAccounts(db: Database, env: BootstrapEnv, domain: DomainRow, clock: Clock): Promise<void> {
  const accounts = parsed(accountsSchema, jsonOf(env.RINGWAY_DEMO_ACCOUNTS ?? '[]'), 'RINGWAY_DEMO_ACCOUNTS')
  const stepOf = (username: string) => `account:${username.toLowerCase()}`
  const finished = await doneSteps(
    db,
    accounts.map((account) => stepOf(account.username)),
  )
  for (const account of accounts) {
    const step = stepOf(account.username)
    if (!finished.has(step)) await createAccount(db, { ...account, role: 'user' }, { domain, step, clock })
  }
}

async function createAccount(
  db: Database,
  account: { username: string; password: string; displayName: string; role: Role },
  options: { domain: DomainRow; step: string; clock: Clock },
): Promise<void> {
  const target = parseUserTarget(account.username)
  if (target === undefined || target.kind === 'id') throw notReady('misconfigured', new Error(`Not a user name: ${account.username}`))
  const username = parsed(usernameSchema, target.username, account.username)
  const domain =
    target.kind === 'own'
      ? options.domain
      : await ensureDomain(db, parsed(domainNameSchema, target.domain, account.username), options.clock)
  const now = options.clock.now()
  await insertUserUnlessNamed(db, {
    user: {
      id: newId(),
      domainId: domain.id,
      username,
      email: '',
      role: account.role,
      capabilities: [],
      mobilePhone: [],
      landLineNumber: '',
      alias: account.displayName,
      search: searchTextOf({ username, alias: account.displayName }),
      disabled: false,
      hasHub: false,
      revision: 1,
      createdAt: now,
      lastLogin: null,
    },
    credentialId: newId(),
    passwordHash: await hashPassword(account.password),
    step: options.step,
    now,
  })
}

async function ensureDomain(db: Database, name: string, clock: Clock): Promise<DomainRow> {
  const existing = await findDomainByName(db, name)
  if (existing !== undefined) return existing
  const id = newId()
  await insertDomainUnlessNamed(db, {
    id,
    name,
    parentId: null,
    path: pathUnder(null, id),
    enableAnonymous: false,
    anonymousExpiration: 0,
    anonymousCapabilities: [],
    capabilities: [],
    services: allServices,
    settings: {},
    jurisdiction: null,
    disabled: false,
    revision: 1,
    createdAt: clock.now(),
  })
  const created = await findDomainByName(db, name)
  if (created === undefined) throw new AppError('internal', { cause: new Error(`The domain ${name} vanished while it was created`) })
  return created
}

function parsed<Schema extends z.ZodType>(schema: Schema, value: unknown, name: string): z.infer<Schema> {
  const result = schema.safeParse(value)
  if (!result.success) throw notReady('misconfigured', new Error(`${name}: ${z.prettifyError(result.error)}`))
  return result.data
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw notReady('misconfigured', new Error('RINGWAY_DEMO_ACCOUNTS is not JSON', { cause }))
  }
}

const notReady = (reason: NotReady | undefined, cause?: unknown): AppError =>
  new AppError('unavailable', { context: reason === undefined ? {} : { reason }, cause })

/** drizzle wraps the database's own words, so the whole chain of causes is looked through. */
function reasonOf(thrown: unknown): NotReady | undefined {
  for (let error = thrown; error instanceof Error; error = error.cause) {
    if (/no such (table|column)/i.test(error.message)) return 'databaseNotMigrated'
  }
  return undefined
}
