import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { convertV4MiniflareOptions, type MiniflareOptions, type V4MiniflareOptions, type WorkerdStructuredLog } from 'miniflare'
import { z } from 'zod'
import type { EdgeOptions } from './edge-options.ts'

const workerName = 'ringway'
const directEntrypoint = 'Direct'

/**
 * The module that miniflare starts with. A direct socket to the default entrypoint of a Worker with assets goes through
 * miniflare's asset router, which costs six times the CPU; the same object under another name is reached directly, and
 * falls through to the assets by itself.
 */
const entryModule = `import worker from './index.js'
export * from './index.js'
export { worker as default, worker as ${directEntrypoint} }
`

/** What this file itself looks at of the options that `bundle-worker.ts` stored; the rest is miniflare's own to check. */
const storedOptionsSchema = z.looseObject({
  bindings: z.record(z.string(), z.unknown()),
  assets: z.looseObject({ directory: z.string() }),
})

const moduleTypes: Readonly<Record<string, 'ESModule' | 'Text' | 'Data' | 'CompiledWasm'>> = {
  js: 'ESModule',
  mjs: 'ESModule',
  txt: 'Text',
  html: 'Text',
  sql: 'Text',
  bin: 'Data',
  wasm: 'CompiledWasm',
}

/** Miniflare's options for the Worker with all its bindings, listening on a direct socket. */
export function miniflareOptions(
  edge: EdgeOptions,
  options: { onLog: (log: WorkerdStructuredLog) => void; onRestart: () => void },
): MiniflareOptions {
  const stored = storedWorkerOptions(edge.workerFolder)
  const worker = {
    ...stored,
    name: workerName,
    modules: bundledModules(edge.workerFolder),
    modulesRoot: edge.workerFolder,
    bindings: { ...stored.bindings, ...edge.bindings },
    assets: { ...stored.assets, directory: edge.assetsFolder },
    unsafeDirectSockets: [{ host: edge.listen.host, port: edge.listen.port, entrypoint: directEntrypoint }],
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- The stored options are wrangler's own, which has no type for them.
  return convertV4MiniflareOptions({
    ...worker,
    host: '127.0.0.1',
    port: 0,
    cf: false,
    resourcePersistencePath: edge.resourcesFolder,
    resourceTmpPath: edge.temporaryFolder,
    handleStructuredLogs: options.onLog,
    unsafeHandleRuntimeRestart: options.onRestart,
    unsafeLocalExplorer: false,
    unsafeObservability: false,
    telemetry: { enabled: false },
  } as V4MiniflareOptions)
}

/** Options with nothing but the Worker's D1 databases. */
export function databaseOnlyOptions(edge: EdgeOptions): MiniflareOptions {
  const { d1Databases } = z
    .looseObject({ d1Databases: z.record(z.string(), z.object({ id: z.string() })) })
    .parse(storedWorkerOptions(edge.workerFolder))
  return convertV4MiniflareOptions({
    name: workerName,
    script: 'export default {}',
    modules: true,
    d1Databases,
    cf: false,
    resourcePersistencePath: edge.resourcesFolder,
    resourceTmpPath: edge.temporaryFolder,
    telemetry: { enabled: false },
  })
}

function storedWorkerOptions(folder: string): z.infer<typeof storedOptionsSchema> {
  return storedOptionsSchema.parse(JSON.parse(readFileSync(join(folder, 'options.json'), 'utf8')))
}

function bundledModules(folder: string) {
  const bundled = readdirSync(folder, { recursive: true, encoding: 'utf8' }).flatMap((name) => {
    const type = moduleTypes[name.slice(name.lastIndexOf('.') + 1)]
    return type === undefined ? [] : [{ type, path: join(folder, name) }]
  })
  return [{ type: 'ESModule' as const, path: join(folder, 'entry.js'), contents: entryModule }, ...bundled]
}
