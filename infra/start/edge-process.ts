import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { Miniflare, type WorkerdStructuredLog } from 'miniflare'
import { z } from 'zod'
import { identityOf } from '../system/process-identity.ts'
import { writeFileAtomically } from '../system/write-file.ts'
import { applyMigrations } from './apply-migrations.ts'
import { type EdgeOptions, edgeOptionsSchema } from './edge-options.ts'
import { miniflareOptions } from './miniflare-options.ts'

/**
 * The edge on one machine: the Worker in workerd, run by miniflare, on a socket of its own. Started by the supervisor,
 * which sends its options over IPC; ends when that channel closes.
 */
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

async function run(options: EdgeOptions): Promise<void> {
  quietTools()
  watchOverWorkerd(options)
  await applyMigrations(options)
  const miniflare = new Miniflare(
    miniflareOptions(options, {
      onLog: writeLog,
      onRestart: () => {
        logEvent('warn', 'edge.runtimeRestarted')
        notePid(options)
        tellReady()
      },
    }),
  )
  await miniflare.ready
  notePid(options)
  const maintenance = maintainRegularly(miniflare)

  // Miniflare's own handlers end the process at once; here it is disposed of first.
  for (const signal of signals) process.removeAllListeners(signal)
  process.removeAllListeners('message')
  let stopping: Promise<void> | undefined
  const stop = (): void => {
    clearInterval(maintenance)
    stopping ??= miniflare.dispose().finally(() => process.exit(0))
  }
  for (const signal of signals) process.on(signal, stop)
  process.on('disconnect', stop)
  if (process.connected) tellReady()
  else stop()
}

/** Miniflare knows of no time: what wrangler.toml has run once a minute is run from here, first at once. */
function maintainRegularly(miniflare: Miniflare): NodeJS.Timeout {
  const maintain = (): void => {
    miniflare
      .getWorker()
      .then((worker) => worker.scheduled({ cron: '* * * * *' }))
      .catch((error: unknown) => logEvent('warn', 'edge.maintenanceFailed', { message: String(error) }))
  }
  maintain()
  return setInterval(maintain, 60_000)
}

const tellReady = (): void => void process.send?.({ type: 'ready' })

/** What wrangler and miniflare would otherwise send, fetch and serve beside the Worker. */
function quietTools(): void {
  Object.assign(process.env, {
    WRANGLER_SEND_METRICS: 'false',
    CLOUDFLARE_CF_FETCH_ENABLED: 'false',
    X_LOCAL_OBSERVABILITY: 'false',
    X_LOCAL_EXPLORER: 'false',
  })
}

const workerdPidFile = (options: EdgeOptions): string => join(options.temporaryFolder, 'workerd.pid')

/** Has workerd started through `workerd.sh`, which ties its life to this process. */
function watchOverWorkerd(options: EdgeOptions): void {
  process.env['TMPDIR'] = options.temporaryFolder
  if (process.platform === 'win32') return
  const require = createRequire(createRequire(import.meta.url).resolve('miniflare'))
  process.env['RINGWAY_WORKERD'] ??= z.object({ default: z.string() }).parse(require('workerd')).default
  process.env['RINGWAY_WORKERD_PID_FILE'] = workerdPidFile(options)
  process.env['MINIFLARE_WORKERD_PATH'] = join(import.meta.dirname, 'workerd.sh')
}

/** Notes which workerd is ours, for a supervisor that finds it orphaned. */
function notePid(options: EdgeOptions): void {
  if (process.platform === 'win32') return
  const identity = identityOf(Number(readFileSync(workerdPidFile(options), 'utf8')))
  if (identity !== undefined) writeFileAtomically(join(options.runFolder, 'workerd.pid.json'), JSON.stringify(identity))
}

/** The Worker logs JSON lines, which pass as they are; what workerd itself says is wrapped. */
function writeLog({ level, message }: WorkerdStructuredLog): void {
  if (message.startsWith('{')) process.stdout.write(`${message}\n`)
  else logEvent(isOfConcern(message) && (level === 'error' || level === 'warn') ? level : 'info', 'edge.output', { message })
}

/** workerd marks with this what it warns of and its own operators do not want to hear about. */
const isOfConcern = (message: string): boolean => !message.startsWith('NOSENTRY')

function logEvent(level: 'info' | 'warn' | 'error', event: string, fields: Readonly<Record<string, string>> = {}): void {
  process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), level, event, ...fields })}\n`)
}

process.once('disconnect', () => process.exit(0))
process.once('message', (message) => {
  run(edgeOptionsSchema.parse(message)).catch((error: unknown) => {
    console.error(error instanceof Error ? (error.stack ?? error.message) : String(error))
    process.exit(1)
  })
})
