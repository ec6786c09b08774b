import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { unstable_readConfig as readWranglerConfig } from 'wrangler'
import { z } from 'zod'

const named = z.array(z.object({ binding: z.string() }))

/** The parts of wrangler's configuration that bind something. */
const configSchema = z.object({
  durable_objects: z.object({ bindings: z.array(z.object({ name: z.string(), class_name: z.string() })) }),
  migrations: z.array(z.object({ new_sqlite_classes: z.array(z.string()).optional() })),
  d1_databases: named,
  r2_buckets: named,
  queues: z.object({ producers: named.optional() }),
  ratelimits: z.array(z.object({ name: z.string() })).optional(),
  assets: z.object({ binding: z.string().optional() }).optional(),
  vars: z.record(z.string(), z.unknown()),
})

const root = resolve(import.meta.dirname, '..', '..')
const config = configSchema.parse(readWranglerConfig({ config: join(root, 'wrangler.toml') }, { hideWarnings: true }))
const source = readFileSync(join(root, 'edge', 'env.ts'), 'utf8')
const entry = readFileSync(join(root, 'edge', 'index.ts'), 'utf8')

/** Members of `Env` as edge/env.ts writes them: name, whether it may be absent, and type. */
const members = new Map(
  [...source.matchAll(/^ {2}readonly (\w+)(\??): (.+)$/gm)].map(([, name = '', optional, type = '']) => [
    name,
    { optional: optional === '?', type },
  ]),
)
const [, secrets = ''] = source.split('// Secrets.')

const objects = config.durable_objects.bindings.map(({ name, class_name: className }) => ({
  name,
  type: `DurableObjectNamespace<${className}>`,
}))
const bindings = [
  ...objects,
  ...config.d1_databases.map(({ binding }) => ({ name: binding, type: 'D1Database' })),
  ...config.r2_buckets.map(({ binding }) => ({ name: binding, type: 'R2Bucket' })),
  ...(config.queues.producers ?? []).map(({ binding }) => ({ name: binding, type: 'Queue' })),
  ...(config.ratelimits ?? []).map(({ name }) => ({ name, type: 'RateLimit' })),
  ...(config.assets?.binding === undefined ? [] : [{ name: config.assets.binding, type: 'Fetcher' }]),
  ...Object.keys(config.vars).map((name) => ({ name, type: 'string' })),
]

describe('edge/env.ts and wrangler.toml', () => {
  it.each(bindings)('agree on $name', ({ name, type }) => {
    expect(members.get(name)?.type).toBe(type)
  })

  it('leave nothing to chance: what wrangler.toml does not bind is a secret or may be absent', () => {
    const bound = new Set(bindings.map(({ name }) => name))
    const unbound = [...members].filter(([name, { optional }]) => !bound.has(name) && !optional && !secrets.includes(`readonly ${name}`))
    expect(unbound).toEqual([])
  })

  it('name only objects that the Worker exports and a migration creates with SQLite', () => {
    const created = config.migrations.flatMap((migration) => migration.new_sqlite_classes ?? [])
    const classes = config.durable_objects.bindings.map(({ class_name: className }) => className)
    expect(created.toSorted()).toEqual(classes.toSorted())
    for (const name of classes) expect(entry).toMatch(new RegExp(`export \\{[^}]*\\b${name}\\b[^}]*\\} from`))
  })
})
