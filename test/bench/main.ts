import { callSetup } from './call-setup.ts'
import { concurrentCalls } from './concurrent-calls.ts'
import { forwarding } from './forwarding.ts'
import { parseArguments } from './kit/arguments.ts'
import { type Bench, Closing } from './kit/bench.ts'
import { printReport } from './kit/report.ts'
import { runBench } from './kit/run.ts'
import { restApi } from './rest-api.ts'
import { signaling } from './signaling.ts'

/** `npm run bench -- <name>… [--quick] [--option=value]`: measures, prints tables and one line of JSON per bench. */
const benches: readonly Bench[] = [callSetup, concurrentCalls, forwarding, restApi, signaling]
const print = (line: string): void => console.log(line)
const log = (line: string): void => console.error(line)

const { names, options } = parseArguments(process.argv.slice(2))
const chosen = names.includes('all') ? benches : benches.filter(({ name }) => names.includes(name))
const unknown = names.filter((name) => name !== 'all' && !benches.some((bench) => bench.name === name))
if (chosen.length === 0 || unknown.length > 0) {
  for (const name of unknown) log(`There is no bench called ${name}.`)
  log('npm run bench -- <name>… [--quick]')
  for (const { name, summary } of [...benches, { name: 'all', summary: 'every one of these' }]) log(`  ${name.padEnd(18)}${summary}`)
  process.exit(2)
}

const closing = new Closing()
let interrupted = false
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (interrupted) process.exit(130)
    interrupted = true
    // What is under way fails as its servers go, which is nobody's news any more.
    process.on('uncaughtException', () => undefined)
    void closing.close().finally(() => process.exit(130))
  })
}

for (const bench of chosen) {
  const { report, machine, seconds } = await runBench(bench, { options, log, closing })
  printReport(report, { machine, seconds, print })
}
// Nothing of a bench that has closed everything is worth waiting for.
process.exit(0)
