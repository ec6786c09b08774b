import { cpus } from 'node:os'
import { HostTable } from '#edge/domain/placement/HostTable.ts'
import { hostReport } from '#edge/domain/placement/testing/reports.ts'
import { seededRandom } from '#edge/domain/placement/testing/random.ts'
import { type Outcome, type Policy, type Scenario, simulate } from '#edge/domain/placement/testing/simulate.ts'

/**
 * How fast rooms are placed and how evenly, over millions of rooms in simulated time. The yardsticks
 * run on the same rooms: a host at random, and an oracle that sees every true load and every ringing room.
 *
 *   npx node test/bench/placement.ts [millions of rooms, default 1]
 */
const millions = Number(process.argv[2] ?? '1')

/** Hosts of three sizes. */
const hosts = (count: number, region = 'eu-north-1') =>
  Array.from({ length: count }, (_, index) => ({ region, capacity: 1000 * (1 + (index % 3)) }))

const rooms = Math.round(millions * 1_000_000)
const scenarios: Record<string, Scenario> = {
  '10 hosts, half full': { seed: 1, hosts: hosts(10), rooms, rate: 20, burst: 1, life: 60, regions: ['eu-north-1'] },
  '10 hosts, bursts of 50 rooms': { seed: 2, hosts: hosts(10), rooms, rate: 20, burst: 50, life: 60, regions: ['eu-north-1'] },
  '100 hosts, two thirds full': { seed: 3, hosts: hosts(100), rooms, rate: 300, burst: 20, life: 60, regions: ['eu-north-1'] },
  '3 regions, one overrun': {
    seed: 4,
    hosts: [...hosts(5), ...hosts(5, 'eu-west-1'), ...hosts(5, 'us-east-1')],
    rooms,
    rate: 35,
    burst: 5,
    life: 60,
    regions: ['eu-north-1'],
  },
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`

async function main(): Promise<void> {
  console.log(
    `Placement on ${cpus()[0]?.model ?? 'this machine'}, Node ${process.version}, ${rooms.toLocaleString('en')} rooms a scenario\n`,
  )
  for (const count of [1, 10, 100, 1000]) console.log(decisions(count))
  for (const [name, scenario] of Object.entries(scenarios)) {
    console.log(`\n${name}`)
    for (const policy of ['dispatchers', 'oracle', 'random'] as const) console.log(await balance(scenario, policy))
  }
}

/** Bare decisions of one dispatcher, promises included. */
function decisions(count: number): string {
  const table = new HostTable()
  const random = seededRandom(1)
  for (let index = 0; index < count; index++) {
    table.report(hostReport({ hostId: `host-${index}`, capacity: 1_000_000, load: { consumers: index } }), { at: 0 })
  }
  const rounds = Math.round(2_000_000 / (count + 10))
  const startedAt = performance.now()
  for (let now = 0; now < rounds; now++) table.place({ videoCodec: 'VP8', exclude: [], size: 2 }, { now, random })
  const perSecond = rounds / ((performance.now() - startedAt) / 1000)
  return `${String(count).padStart(5)} hosts: ${Math.round(perSecond).toLocaleString('en')} decisions/s`
}

async function balance(scenario: Scenario, policy: Policy): Promise<string> {
  const startedAt = performance.now()
  const outcome = await simulate({ ...scenario, policy })
  return `  ${policy.padEnd(11)} ${describe(outcome)}, simulated in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`
}

const describe = (outcome: Outcome): string =>
  [
    `mean use ${percent(outcome.meanUtilization)}`,
    `distance from it: mean ${percent(outcome.meanImbalance)}, worst ${percent(outcome.worstImbalance)}`,
    `over capacity by at most ${percent(outcome.overload)}`,
    `refused ${outcome.refused} (${outcome.refusedWrongly} wrongly)`,
    `spilled ${outcome.spilled}`,
  ].join(', ')

await main()
