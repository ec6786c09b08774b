import { availableParallelism } from 'node:os'
import { z } from 'zod'
import { logLevels } from '#shared/log/logger.ts'
import { regionSchema } from '#shared/protocol/fleet/host-link.ts'

/** Consumers a worker takes before it counts as full: about 100k packets a second, half of what a core forwards. */
const consumersPerWorker = 1000

/** Ports that a worker needs at least beside its own: one SRTP participant and one pipe to another host. */
const sparePortsPerHost = 4

const ipSchema = z.union([z.ipv4(), z.ipv6()])
const wildcardAddresses: readonly string[] = ['0.0.0.0', '::']

const portSchema = z.coerce.number().int().min(0).max(65_535)

const portRangeSchema = z
  .string()
  .regex(/^\d{1,5}-\d{1,5}$/, 'must be `min-max`')
  .transform((text) => {
    const [min = 0, max = 0] = text.split('-').map(Number)
    return { min, max }
  })
  .refine(({ min, max }) => min >= 1024 && max <= 65_535 && min < max, 'must lie within 1024-65535, lower port first')

/** A variable set to nothing counts as unset, as in a compose file. */
const optional = <T extends z.ZodType>(schema: T) => z.preprocess((value) => (value === '' ? undefined : value), schema)

const variablesSchema = z.object({
  RINGWAY_EDGE_URL: z
    .url({ protocol: /^https?$/ })
    .transform((text) => new URL(text))
    .refine(({ pathname, search }) => pathname === '/' && search === '', 'must be an origin without a path'),
  RINGWAY_ENROLMENT_SECRET: z.string().min(16),
  RINGWAY_HOST_STATE: z.string().min(1),
  RINGWAY_REGION: optional(regionSchema.default('local')),
  RINGWAY_MEDIA_BIND: optional(ipSchema.default('127.0.0.1')),
  RINGWAY_ANNOUNCED_ADDRESS: optional(ipSchema.optional()),
  RINGWAY_MEDIA_PORTS: optional(portRangeSchema.default({ min: 40_000, max: 40_199 })),
  RINGWAY_MEDIA_WORKERS: optional(z.coerce.number().int().min(1).max(256).optional()),
  RINGWAY_HOST_CAPACITY: optional(z.coerce.number().int().positive().optional()),
  RINGWAY_HOST_HTTP_PORT: optional(portSchema.default(0)),
  RINGWAY_TURN_PORT: optional(portSchema.min(1).optional()),
  RINGWAY_TURN_RELAY_PORTS: optional(portRangeSchema.default({ min: 49_152, max: 50_151 })),
  RINGWAY_TURN_TLS_PORT: optional(portSchema.min(1).optional()),
  RINGWAY_TURN_TLS_CERT: optional(z.string().optional()),
  RINGWAY_TURN_TLS_KEY: optional(z.string().optional()),
  RINGWAY_TURN_TLS_NAME: optional(z.string().max(253).optional()),
  RINGWAY_TURN_BIN: optional(z.string().default('turnserver')),
  RINGWAY_DRAIN_TIMEOUT: optional(z.coerce.number().min(0).max(86_400).default(10)),
  MEDIASOUP_WORKER_BIN: optional(z.string().optional()),
  RINGWAY_LOG_LEVEL: optional(z.enum(logLevels).default('info')),
})

const environmentSchema = variablesSchema
  .refine(
    (env) => {
      const given = [env.RINGWAY_TURN_TLS_PORT, env.RINGWAY_TURN_TLS_CERT, env.RINGWAY_TURN_TLS_KEY, env.RINGWAY_TURN_TLS_NAME]
      return given.every((value) => value === undefined) || given.every((value) => value !== undefined)
    },
    { path: ['RINGWAY_TURN_TLS_PORT'], message: 'needs RINGWAY_TURN_TLS_CERT, _KEY and _NAME, and they need it' },
  )
  .transform((env) => {
    const workers = env.RINGWAY_MEDIA_WORKERS ?? availableParallelism()
    return {
      /** The edge's origin. */
      edgeUrl: env.RINGWAY_EDGE_URL,
      enrolmentSecret: env.RINGWAY_ENROLMENT_SECRET,
      /** Folder that keeps the host's id and key. */
      stateFolder: env.RINGWAY_HOST_STATE,
      region: env.RINGWAY_REGION,
      listen: {
        ip: env.RINGWAY_MEDIA_BIND,
        ...(env.RINGWAY_ANNOUNCED_ADDRESS === undefined ? {} : { announcedAddress: env.RINGWAY_ANNOUNCED_ADDRESS }),
      },
      mediaPorts: env.RINGWAY_MEDIA_PORTS,
      workers,
      /** Consumers the host takes on before it counts as full. */
      capacity: env.RINGWAY_HOST_CAPACITY ?? workers * consumersPerWorker,
      /** Of /healthz and /metrics, on loopback; 0: any free one. */
      httpPort: env.RINGWAY_HOST_HTTP_PORT,
      /** Undefined: this host has no TURN server. */
      turn: turnOf(env),
      drainTimeoutMs: env.RINGWAY_DRAIN_TIMEOUT * 1000,
      workerBin: env.MEDIASOUP_WORKER_BIN,
      logLevel: env.RINGWAY_LOG_LEVEL,
    }
  })
  .refine(({ listen }) => listen.announcedAddress !== undefined || !wildcardAddresses.includes(listen.ip), {
    path: ['RINGWAY_ANNOUNCED_ADDRESS'],
    message: 'is required where RINGWAY_MEDIA_BIND is a wildcard: clients need an address to send to',
  })
  .refine(({ mediaPorts, workers }) => mediaPorts.max - mediaPorts.min + 1 >= workers + sparePortsPerHost, {
    path: ['RINGWAY_MEDIA_PORTS'],
    message: `needs one port per media worker and ${sparePortsPerHost} more`,
  })

/** The TURN server stands beside the media, on its addresses, and relays to nothing else. */
function turnOf(env: z.output<typeof variablesSchema>) {
  const { RINGWAY_TURN_PORT: port, RINGWAY_MEDIA_BIND: ip, RINGWAY_ANNOUNCED_ADDRESS: announcedAddress } = env
  if (port === undefined) return undefined
  const { RINGWAY_TURN_TLS_PORT: tlsPort, RINGWAY_TURN_TLS_CERT: cert, RINGWAY_TURN_TLS_KEY: key, RINGWAY_TURN_TLS_NAME: name } = env
  const hasTls = tlsPort !== undefined && cert !== undefined && key !== undefined && name !== undefined
  return {
    bin: env.RINGWAY_TURN_BIN,
    port,
    relayPorts: env.RINGWAY_TURN_RELAY_PORTS,
    /** Undefined: all addresses of the machine. */
    ip: wildcardAddresses.includes(ip) ? undefined : ip,
    address: announcedAddress ?? ip,
    peers: [...new Set([...(wildcardAddresses.includes(ip) ? [] : [ip]), announcedAddress ?? ip])],
    ...(hasTls ? { tls: { port: tlsPort, cert, key, name } } : {}),
  }
}

export type Config = z.output<typeof environmentSchema>

/** Thrown with the names of the variables that are missing or wrong; never with their values. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

/** Parses the environment, once, at start. */
export function parseConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const parsed = environmentSchema.safeParse(environment)
  if (parsed.success) return parsed.data
  throw new ConfigError(parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('\n'))
}
