import { relative, resolve } from 'node:path'
import { demoAccounts, OpenDemoAccountsError, refuseOpenDemoAccounts } from './accounts.ts'
import { parseStartConfig, StartConfigError } from './config.ts'
import { describeAccounts, warnings } from './announcement.ts'
import { Secrets } from './Secrets.ts'
import { StateFolder, StateInUseError } from './StateFolder.ts'
import { Supervisor } from './Supervisor.ts'
import { MissingPackagesError } from '../system/apt.ts'
import { CommandError } from '../system/run-command.ts'

/** `npm start`: Ringway on this machine, until Ctrl-C. */
const root = resolve(import.meta.dirname, '..', '..')
const parentPollMs = 250
const log = (line: string): void => console.log(line)

/** Their messages say all there is to know; of others the stack is shown too. */
const expectedErrors = [StartConfigError, StateInUseError, MissingPackagesError, OpenDemoAccountsError, CommandError]

let supervisor: Supervisor | undefined
let state: StateFolder | undefined
let stopping = false

async function stop(): Promise<void> {
  if (stopping) return
  stopping = true
  log('Stopping …')
  await supervisor?.stop()
  state?.close()
  log('Ringway has stopped')
  process.exit(0)
}

async function start(): Promise<void> {
  const config = parseStartConfig(process.env, { root })
  state = StateFolder.open(config.stateDir)
  const secrets = Secrets.open(state.secretsFile)
  const generatedAdminPassword = config.adminPassword === undefined ? secrets.adminPasswordFor(config.admin) : undefined
  const demo = demoAccounts(config, secrets)
  log(`Starting Ringway; its state is in ${relative(process.cwd(), config.stateDir) || '.'}`)
  for (const warning of warnings(config)) log(`Warning: ${warning}`)
  supervisor = await Supervisor.prepare({
    root,
    config,
    state,
    secrets,
    adminPassword: config.adminPassword ?? generatedAdminPassword,
    demoAccounts: demo?.accounts ?? [],
    log,
  })
  if (stopping) return
  await supervisor.startEdge()
  if (stopping) return
  // The edge is healthy, so its first admin exists: the generated password is told now, and then no longer kept.
  secrets.noteAdminCreated(config.admin)
  if (demo !== undefined) secrets.noteDemoCreated(demo.note)
  const admin = secrets.createdAdmin ?? config.admin
  for (const line of describeAccounts({ admin, generatedAdminPassword, demo, secretsFile: state.secretsFile })) log(line)
  await refuseOpenDemoAccounts(config, { secrets, edgeUrl: supervisor.edgeUrl })
  await supervisor.startOthers()
  if (stopping) return
  log(`Ringway is ready at ${supervisor.url}`)
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void stop())
// A program that started Ringway with an IPC channel and dies takes it along.
process.on('disconnect', () => void stop())
if (process.env['npm_lifecycle_event'] !== undefined) stopWithShell()

/** npm passes SIGTERM on to the shell that it runs scripts in, which dies of it without a word to its own child. */
function stopWithShell(): void {
  const shell = process.ppid
  setInterval(() => {
    if (process.ppid !== shell) void stop()
  }, parentPollMs).unref()
}

start().catch(async (error: unknown) => {
  if (stopping) return
  stopping = true
  const expected = expectedErrors.some((type) => error instanceof type)
  const text = error instanceof Error ? (expected ? error.message : (error.stack ?? error.message)) : String(error)
  console.error(`Ringway cannot start. ${text}`)
  await supervisor?.stop()
  state?.close()
  process.exit(1)
})
