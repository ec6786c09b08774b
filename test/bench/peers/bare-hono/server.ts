import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { convertV4MiniflareOptions, Miniflare } from 'miniflare'
import { build } from 'vite'
import { freeTcpPort } from '../../kit/free-port.ts'

/** Runs worker.ts in workerd on a direct socket, as Ringway's edge runs. Says its port in one line, and ends with its stdin. */
const folder = mkdtempSync(join(tmpdir(), 'ringway-bare-hono-'))
await build({
  configFile: false,
  logLevel: 'error',
  build: {
    ssr: join(import.meta.dirname, 'worker.ts'),
    outDir: folder,
    emptyOutDir: false,
    rolldownOptions: { output: { entryFileNames: 'worker.js' } },
  },
  ssr: { noExternal: true, target: 'webworker' },
})
const port = await freeTcpPort()
const miniflare = new Miniflare(
  convertV4MiniflareOptions({
    name: 'bare-hono',
    modules: [{ type: 'ESModule', path: join(folder, 'worker.js') }],
    modulesRoot: folder,
    compatibilityDate: '2026-10-20',
    d1Databases: { DB: 'bare' },
    resourcePersistencePath: join(folder, 'state'),
    unsafeDirectSockets: [{ host: '127.0.0.1', port }],
    cf: false,
    telemetry: { enabled: false },
  }),
)
await miniflare.ready
process.stdout.write(`${port}\n`)

async function end(): Promise<void> {
  await miniflare.dispose()
  rmSync(folder, { recursive: true, force: true })
  process.exit(0)
}
process.on('SIGTERM', () => void end())
process.stdin.on('end', () => void end()).resume()
