import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { BlockList, isIPv6 } from 'node:net'
import { networkInterfaces } from 'node:os'
import { resolve } from 'node:path'
import { z } from 'zod'
import { noAddressHeader } from '#edge/domain/entry/addresses.ts'
import { parseDeploymentOrigins } from '#edge/domain/entry/deployment-origins.ts'
import { type LogLevel, logLevels } from '#shared/log/logger.ts'
import { settingsLayerSchema } from '#shared/protocol/settings.ts'
import { domainNameSchema, usernameSchema } from '#shared/protocol/sapi/names.ts'
import { oauthProvidersSchema } from './oauth-providers.ts'

/** What the environment asks of `npm start`, defaults filled in. The table in the README says the same in prose. */
export interface StartConfig {
  /** 0: any free port, kept across restarts of the edge. */
  readonly port: number
  readonly bind: string
  /** Nothing but this machine can connect to `bind`. */
  readonly loopbackOnly: boolean
  readonly tls: { readonly cert: string; readonly key: string; readonly name: string | undefined } | undefined
  readonly stateDir: string
  readonly defaultDomain: string
  /** `username@domain`. */
  readonly admin: string
  readonly adminPassword: string | undefined
  readonly demo: boolean
  readonly mediaHosts: number
  /** Undefined: one per core. */
  readonly mediaWorkers: number | undefined
  readonly mediaPorts: PortRange
  /** What clients are told to send media to, where it is not `bind`. */
  readonly announcedAddress: string | undefined
  /** Undefined: no TURN servers. Each media host has one, on the ports that follow these. */
  readonly turn: { readonly port: number; readonly tlsPort: number; readonly relayPorts: PortRange } | undefined
  readonly logLevel: LogLevel
  /** Deployment-wide settings layer, JSON; undefined: the defaults of the code. */
  readonly settings: string | undefined
  /** Clients registered for it may use the implicit grant. */
  readonly oauthImplicit: boolean
  /** Of the proxy in front, which tells the client's address in it; undefined: nothing stands in front that does. */
  readonly addressHeader: string | undefined
  /** Own proxies that add to that header. */
  readonly addressHops: number | undefined
  /** Whose pages may call the APIs, whatever the domain. */
  readonly corsOrigins: string | undefined
  /** Whether the limits per address hold for this machine too. */
  readonly limitLoopback: boolean
  /** Login providers of the whole deployment, JSON; it holds their client secrets. */
  readonly oauthProviders: string | undefined
  /** URLs that admins write down may be plain http on this machine. */
  readonly allowLoopbackUrls: boolean
  /** Bring `dist/web` up to its sources; off where it was built beforehand. */
  readonly buildWeb: boolean
}

export interface PortRange {
  readonly min: number
  readonly max: number
}

/** The environment is unusable; the message names each variable that is wrong, and never its value. */
export class StartConfigError extends Error {
  override readonly name = 'StartConfigError'
}

const wildcards: readonly string[] = ['0.0.0.0', '::']

/** A variable set to nothing counts as unset, as in a compose file. */
const optional = <T extends z.ZodType>(schema: T) => z.preprocess((value) => (value === '' ? undefined : value), schema)

const flagSchema = z.enum(['0', '1', 'false', 'true'], { error: 'must be 0 or 1' }).transform((text) => text === '1' || text === 'true')
const portSchema = z.coerce.number({ error: 'must be a port number' }).int().min(0).max(65_535)
const addressSchema = z.union([z.ipv4(), z.ipv6()], { error: 'must be an IP address' })
const filePathSchema = z.string().transform((path, context) => {
  try {
    return readFileSync(resolve(path), 'utf8')
  } catch {
    context.addIssue({ code: 'custom', message: 'names a file that cannot be read' })
    return z.NEVER
  }
})

const portRangeSchema = z
  .string()
  .regex(/^\d{1,5}-\d{1,5}$/, 'must be min-max, such as 40000-40399')
  .transform((text) => {
    const [min = 0, max = 0] = text.split('-').map(Number)
    return { min, max }
  })
  .refine(({ min, max }) => min >= 1_024 && max <= 65_535 && min < max, 'must lie within 1024-65535, the lower port first')

const accountSchema = z
  .string()
  .transform((text) => text.split('@'))
  .pipe(z.tuple([usernameSchema, domainNameSchema], { error: 'must be name@domain' }))
  .transform(([username, domain]) => `${username}@${domain}`)

const settingsTextSchema = z.string().refine(isSettingsLayer, 'must be a settings layer in JSON')

const headerNameSchema = z
  .string()
  .regex(/^[!#$%&'*+.^_`|~0-9a-z-]+$/i, 'must be the name of a header')
  .toLowerCase()
  .refine((name) => name !== noAddressHeader, 'must be the name of a header')
const corsOriginsSchema = z.string().refine(isOriginsList, 'must be hosts parted by |, or a regular expression')

const environmentSchema = z.object({
  PORT: optional(portSchema.default(8787)),
  RINGWAY_BIND: optional(addressSchema.default('127.0.0.1')),
  RINGWAY_TLS_CERT: optional(filePathSchema.optional()),
  RINGWAY_TLS_KEY: optional(filePathSchema.optional()),
  RINGWAY_STATE_DIR: optional(z.string().default('.ringway')),
  RINGWAY_DEFAULT_DOMAIN: optional(domainNameSchema.default('default')),
  RINGWAY_ADMIN: optional(accountSchema.optional()),
  RINGWAY_ADMIN_PASSWORD: optional(z.string().min(8, 'must have at least 8 characters').optional()),
  RINGWAY_DEMO: optional(flagSchema.default(true)),
  RINGWAY_MEDIA_HOSTS: optional(z.coerce.number({ error: 'must be a number' }).int().min(1).max(64).default(1)),
  RINGWAY_MEDIA_WORKERS: optional(z.coerce.number({ error: 'must be a number' }).int().min(1).max(256).optional()),
  RINGWAY_MEDIA_PORTS: optional(portRangeSchema.default({ min: 40_000, max: 40_399 })),
  RINGWAY_ANNOUNCED_ADDRESS: optional(addressSchema.optional()),
  RINGWAY_TURN_PORT: optional(portSchema.default(0)),
  RINGWAY_TURN_TLS_PORT: optional(portSchema.min(1).default(5349)),
  RINGWAY_TURN_RELAY_PORTS: optional(portRangeSchema.default({ min: 49_152, max: 50_151 })),
  RINGWAY_SETTINGS: optional(settingsTextSchema.optional()),
  RINGWAY_ADDRESS_HEADER: optional(headerNameSchema.optional()),
  RINGWAY_ADDRESS_HOPS: optional(z.coerce.number({ error: 'must be a number' }).int().min(1).max(16).optional()),
  RINGWAY_CORS_ORIGINS: optional(corsOriginsSchema.optional()),
  RINGWAY_LIMIT_LOOPBACK: optional(flagSchema.default(false)),
  RINGWAY_OAUTH_PROVIDERS: optional(oauthProvidersSchema.optional()),
  RINGWAY_ALLOW_LOOPBACK_URLS: optional(flagSchema.default(false)),
  RINGWAY_OAUTH_IMPLICIT: optional(flagSchema.default(false)),
  RINGWAY_BUILD_WEB: optional(flagSchema.default(true)),
  RINGWAY_LOG_LEVEL: optional(z.enum(logLevels, { error: `must be one of ${logLevels.join(', ')}` }).default('info')),
})

/**
 * Parses the environment, once, at start.
 * @param options.root Relative paths are relative to it.
 * @throws {StartConfigError}
 */
export function parseStartConfig(env: NodeJS.ProcessEnv, options: { root: string }): StartConfig {
  const parsed = environmentSchema.safeParse(env)
  if (!parsed.success) {
    throw new StartConfigError(parsed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`).join('\n'))
  }
  const values = parsed.data
  const bind = values.RINGWAY_BIND
  return {
    port: values.PORT,
    bind,
    loopbackOnly: isLoopback(bind),
    tls: parseTls(values.RINGWAY_TLS_CERT, values.RINGWAY_TLS_KEY),
    stateDir: resolve(options.root, values.RINGWAY_STATE_DIR),
    defaultDomain: values.RINGWAY_DEFAULT_DOMAIN,
    admin: values.RINGWAY_ADMIN ?? `admin@${values.RINGWAY_DEFAULT_DOMAIN}`,
    adminPassword: values.RINGWAY_ADMIN_PASSWORD,
    demo: values.RINGWAY_DEMO,
    mediaHosts: values.RINGWAY_MEDIA_HOSTS,
    mediaWorkers: values.RINGWAY_MEDIA_WORKERS,
    mediaPorts: values.RINGWAY_MEDIA_PORTS,
    announcedAddress: values.RINGWAY_ANNOUNCED_ADDRESS ?? (wildcards.includes(bind) ? ownAddress() : undefined),
    turn:
      values.RINGWAY_TURN_PORT === 0
        ? undefined
        : { port: values.RINGWAY_TURN_PORT, tlsPort: values.RINGWAY_TURN_TLS_PORT, relayPorts: values.RINGWAY_TURN_RELAY_PORTS },
    logLevel: values.RINGWAY_LOG_LEVEL,
    settings: values.RINGWAY_SETTINGS,
    oauthImplicit: values.RINGWAY_OAUTH_IMPLICIT,
    addressHeader: values.RINGWAY_ADDRESS_HEADER,
    addressHops: values.RINGWAY_ADDRESS_HOPS,
    corsOrigins: values.RINGWAY_CORS_ORIGINS,
    limitLoopback: values.RINGWAY_LIMIT_LOOPBACK,
    oauthProviders: values.RINGWAY_OAUTH_PROVIDERS,
    allowLoopbackUrls: values.RINGWAY_ALLOW_LOOPBACK_URLS,
    buildWeb: values.RINGWAY_BUILD_WEB,
  }
}

/** `host` for a URL: IPv6 addresses in brackets (RFC 3986 section 3.2.2). */
export const urlHost = (address: string): string => (isIPv6(address) ? `[${address}]` : address)

function parseTls(cert: string | undefined, key: string | undefined): StartConfig['tls'] {
  if (cert === undefined && key === undefined) return undefined
  if (cert === undefined) throw new StartConfigError('RINGWAY_TLS_CERT is missing: RINGWAY_TLS_KEY needs it')
  if (key === undefined) throw new StartConfigError('RINGWAY_TLS_KEY is missing: RINGWAY_TLS_CERT needs it')
  try {
    const names = new X509Certificate(cert).subjectAltName ?? ''
    return { cert, key, name: /DNS:([^,*\s]+)(?:,|$)/.exec(names)?.[1] }
  } catch (cause) {
    throw new StartConfigError('RINGWAY_TLS_CERT names a file that holds no PEM certificate', { cause })
  }
}

function isSettingsLayer(text: string): boolean {
  try {
    return settingsLayerSchema.safeParse(JSON.parse(text)).success
  } catch {
    return false
  }
}

function isOriginsList(text: string): boolean {
  try {
    parseDeploymentOrigins(text)
    return true
  } catch {
    return false
  }
}

function isLoopback(address: string): boolean {
  const loopback = new BlockList()
  loopback.addSubnet('127.0.0.0', 8, 'ipv4')
  loopback.addAddress('::1', 'ipv6')
  return loopback.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')
}

/** The machine's first address that others can reach, for a server that listens on all of them. */
function ownAddress(): string {
  const address = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find(({ internal, family }) => !internal && family === 'IPv4')?.address
  if (address === undefined) {
    throw new StartConfigError(
      'RINGWAY_ANNOUNCED_ADDRESS is required: RINGWAY_BIND is a wildcard and this machine has no address of its own',
    )
  }
  return address
}
