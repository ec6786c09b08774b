import { consoleSink } from '#shared/log/console-sink.ts'
import { Logger } from '#shared/log/logger.ts'
import packageJson from '../package.json' with { type: 'json' }
import { ConfigError, parseConfig } from './config.ts'
import { HostProcess } from './HostProcess.ts'

/**
 * The media host as a process of its own. SIGTERM drains it, SIGINT or a second signal stops it, and
 * so does the loss of the parent that started it with an IPC channel. The parent hears
 * `{type: 'ready', hostId, httpPort}` when the control socket is up.
 */
async function main(): Promise<void> {
  const config = parseConfig(process.env)
  const logger = new Logger({ sink: consoleSink, level: config.logLevel, context: { component: 'media-host' } })
  const fatal = (event: string) => (error: unknown) => {
    logger.error(event, { error })
    process.exit(1)
  }
  process.on('uncaughtException', fatal('process.uncaughtException'))
  process.on('unhandledRejection', fatal('process.unhandledRejection'))

  const host = await HostProcess.start({ config, version: packageJson.version, logger })
  obeySignals(host, { drainTimeoutMs: config.drainTimeoutMs })
  const identity = await Promise.race([host.ready, host.finished])
  if (identity !== undefined) {
    const { hostId } = identity
    logger.info('host.ready', { hostId, bootId: host.bootId, httpPort: host.httpPort, workers: config.workers })
    process.send?.({ type: 'ready', hostId, httpPort: host.httpPort })
  }
  await host.finished
  logger.info('host.ended')
}

function obeySignals(host: HostProcess, options: { drainTimeoutMs: number }): void {
  let signalled = false
  const stop = (): void => void host.close().finally(() => process.exit(0))
  process.on('SIGTERM', () => {
    if (signalled) return stop()
    signalled = true
    void host.drain({ timeoutMs: options.drainTimeoutMs })
  })
  process.on('SIGINT', stop)
  process.on('disconnect', stop)
}

try {
  await main()
  process.exit(0)
} catch (error) {
  // What the operator got wrong is best said plainly.
  if (error instanceof ConfigError) process.stderr.write(`The media host's environment is not right:\n${error.message}\n`)
  else new Logger({ sink: consoleSink }).error('host.failed', { error })
  process.exit(1)
}
