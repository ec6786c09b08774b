import { join } from 'node:path'
import { noAddressHeader } from '#edge/domain/entry/addresses.ts'
import type { Account } from './accounts.ts'
import type { StartConfig } from './config.ts'
import type { EdgeOptions } from './edge-options.ts'
import type { FrontOptions } from './front-options.ts'
import { splitPorts } from './ports.ts'
import type { Secrets } from './Secrets.ts'
import type { StateFolder } from './StateFolder.ts'
import type { ChildSpec } from './SupervisedChild.ts'

interface Address {
  readonly host: string
  readonly port: number
}

export interface ChildSpecInput {
  readonly root: string
  readonly config: StartConfig
  readonly state: StateFolder
  readonly secrets: Secrets
  readonly adminPassword: string | undefined
  readonly demoAccounts: readonly Account[]
  readonly url: string
  readonly edgeUrl: string
  readonly edgeAddress: Address
  /** Undefined: workerd is connected to directly. */
  readonly frontAddress: Address | undefined
  /** Of /healthz and /metrics of each media host, on loopback. */
  readonly hostHttpPorts: readonly number[]
  /** What each media host is told of its TURN server. */
  readonly turnEnvironments: readonly Readonly<Record<string, string>>[]
  readonly workerBinary: string
  readonly workerFolder: string
}

/** A host that is stopped alone has this long to hand its calls over; stopped with the edge, it is hurried. */
const hostDrainSeconds = 15
const hostGraceMs = 5_000
const hostHurryMs = 500
const graceMs = 3_000

/** The children of a deployment on one machine. */
export function childSpecs(input: ChildSpecInput): { edge: ChildSpec; front: ChildSpec | undefined; hosts: readonly ChildSpec[] } {
  return { edge: edgeSpec(input), front: frontSpec(input), hosts: hostSpecs(input) }
}

function edgeSpec(input: ChildSpecInput): ChildSpec {
  const { config, state, secrets } = input
  const message: EdgeOptions = {
    listen: input.edgeAddress,
    workerFolder: input.workerFolder,
    assetsFolder: join(input.root, 'dist', 'web'),
    resourcesFolder: state.resources,
    temporaryFolder: state.temporary,
    runFolder: state.run,
    bindings: {
      RINGWAY_DEFAULT_DOMAIN: config.defaultDomain,
      RINGWAY_ADMIN: config.admin,
      RINGWAY_LOG_LEVEL: config.logLevel,
      RINGWAY_ISSUER: input.url,
      ...(config.settings === undefined ? {} : { RINGWAY_SETTINGS: config.settings }),
      ...entryBindings(input),
      ...(config.oauthProviders === undefined ? {} : { RINGWAY_OAUTH_PROVIDERS: config.oauthProviders }),
      ...(config.oauthImplicit ? { RINGWAY_OAUTH_IMPLICIT: '1' } : {}),
      ...(config.allowLoopbackUrls ? { RINGWAY_ALLOW_LOOPBACK_URLS: '1' } : {}),
      RINGWAY_MASTER_KEY: secrets.masterKey,
      RINGWAY_ENROLMENT_SECRET: secrets.enrolmentSecret,
      ...(input.adminPassword === undefined ? {} : { RINGWAY_ADMIN_PASSWORD: input.adminPassword }),
      ...(input.demoAccounts.length === 0 ? {} : { RINGWAY_DEMO_ACCOUNTS: JSON.stringify(input.demoAccounts) }),
    },
  }
  return { name: 'edge', file: join(import.meta.dirname, 'edge-process.ts'), env: withoutSecrets, message, graceMs }
}

/**
 * How the Worker learns who a client is. Reached directly, it believes no header: whoever could set one is a process of
 * this machine. Behind the front, that tells the address as Cloudflare does, unless another proxy stands before it.
 */
function entryBindings({ config, frontAddress }: ChildSpecInput): Record<string, string> {
  const header = config.addressHeader ?? (frontAddress === undefined ? noAddressHeader : undefined)
  return {
    ...(header === undefined ? {} : { RINGWAY_ADDRESS_HEADER: header }),
    ...(config.addressHops === undefined ? {} : { RINGWAY_ADDRESS_HOPS: String(config.addressHops) }),
    ...(config.corsOrigins === undefined ? {} : { RINGWAY_CORS_ORIGINS: config.corsOrigins }),
    ...(config.limitLoopback ? { RINGWAY_LIMIT_LOOPBACK: '1' } : {}),
  }
}

function frontSpec(input: ChildSpecInput): ChildSpec | undefined {
  if (input.frontAddress === undefined) return undefined
  const { tls, addressHeader } = input.config
  const message: FrontOptions = {
    listen: input.frontAddress,
    upstream: input.edgeAddress,
    ...(tls === undefined ? {} : { tls: { cert: tls.cert, key: tls.key } }),
    ...(addressHeader === undefined ? {} : { addressHeader }),
  }
  return { name: 'front', file: join(import.meta.dirname, 'front-process.ts'), env: withoutSecrets, message, graceMs }
}

function hostSpecs(input: ChildSpecInput): readonly ChildSpec[] {
  const { config, state } = input
  return splitPorts(config.mediaPorts, config.mediaHosts).map(({ min, max }, index) => ({
    name: `media-host-${index + 1}`,
    file: join(input.root, 'media-fleet', 'main.ts'),
    env: {
      ...withoutSecrets,
      RINGWAY_EDGE_URL: input.edgeUrl,
      RINGWAY_ENROLMENT_SECRET: input.secrets.enrolmentSecret,
      RINGWAY_HOST_STATE: state.host(index + 1),
      RINGWAY_REGION: 'local',
      RINGWAY_MEDIA_BIND: config.bind,
      RINGWAY_ANNOUNCED_ADDRESS: config.announcedAddress,
      RINGWAY_MEDIA_PORTS: `${min}-${max}`,
      RINGWAY_MEDIA_WORKERS: config.mediaWorkers === undefined ? undefined : String(config.mediaWorkers),
      ...input.turnEnvironments[index],
      RINGWAY_LOG_LEVEL: config.logLevel,
      RINGWAY_HOST_HTTP_PORT: String(input.hostHttpPorts[index] ?? 0),
      RINGWAY_DRAIN_TIMEOUT: String(hostDrainSeconds),
      MEDIASOUP_WORKER_BIN: input.workerBinary,
    },
    graceMs: hostGraceMs,
    hurryMs: hostHurryMs,
  }))
}

/** Children inherit the supervisor's environment except what they have no business with. */
const withoutSecrets = { RINGWAY_ADMIN_PASSWORD: undefined, RINGWAY_TLS_KEY: undefined, RINGWAY_OAUTH_PROVIDERS: undefined } as const
