import { Balance } from './Balance.ts'
import { Calendar } from './Calendar.ts'
import { seededRandom } from './random.ts'
import { consumersOf, hasSpace, SimulatedFleet, type SimulatedHost, type SimulatedRoom } from './SimulatedFleet.ts'

export interface Scenario {
  readonly seed: number
  readonly hosts: readonly { region: string; capacity: number }[]
  readonly rooms: number
  /** Rooms a second, and how many of them arrive in the same instant. */
  readonly rate: number
  readonly burst: number
  /** Mean life of a room, in seconds. */
  readonly life: number
  /** Regions that rooms ask for, equally often. */
  readonly regions: readonly string[]
  /** Indexes of hosts that drain from the start of the second minute. */
  readonly drain?: readonly number[]
  /** Who places: the real code unless said otherwise. */
  readonly policy?: Policy
}

/** To compare with: any host at random, and one mind that knows every true load and every ringing room. */
export type Policy = 'dispatchers' | 'random' | 'oracle'

export interface Outcome {
  readonly placed: number
  readonly refused: number
  /** Refused although some host could clearly have taken the room. */
  readonly refusedWrongly: number
  /** Placed outside its region, and how often of these a host there could clearly have taken the room. */
  readonly spilled: number
  readonly strayed: number
  /** Placed on a host that the dispatchers knew to drain. */
  readonly onDraining: number
  /** Largest excess of a host over its capacity, as a share of it. */
  readonly overload: number
  /** Distance of hosts from the mean utilization of their region, once warmed up. */
  readonly worstImbalance: number
  readonly meanImbalance: number
  readonly peakUtilization: number
  readonly meanUtilization: number
}

const stepMs = 100
/** Hosts report at most this often, as the fleet's protocol has it. */
const reportMs = 2000

/** Runs a scenario in simulated time: rooms come in bursts, ring for up to 10 s, live and end; hosts report every 2 s. */
export async function simulate(scenario: Scenario): Promise<Outcome> {
  const random = seededRandom(scenario.seed)
  const fleet = new SimulatedFleet({ hosts: scenario.hosts, random })
  const calendar = new Calendar({ stepMs })
  const balance = new Balance(fleet.hosts)
  const count = { placed: 0, refused: 0, refusedWrongly: 0, spilled: 0, strayed: 0, onDraining: 0 }
  const warmMs = 3 * scenario.life * 1000
  for (const index of scenario.drain ?? []) calendar.add(60_000, () => drain(fleet.hosts[index]))

  let arrived = 0
  for (let due = 0; arrived < scenario.rooms; fleet.advance(stepMs)) {
    for (const change of calendar.take(fleet.now)) change()
    fleet.hosts.forEach((host, index) => {
      if ((fleet.now + index * stepMs) % reportMs === 0) fleet.report(host)
    })
    for (due += (scenario.rate * stepMs) / 1000; due >= scenario.burst; due -= scenario.burst) {
      for (let inBurst = 0; inBurst < scenario.burst; inBurst++) await arrive()
    }
    if (fleet.now > warmMs && fleet.now % reportMs === 0) balance.sample()
  }
  return { ...count, ...balance.summary() }

  function drain(host: SimulatedHost | undefined): void {
    if (host === undefined) return
    host.draining = true
    fleet.report(host)
  }

  async function arrive(): Promise<void> {
    const room = randomRoom(arrived++)
    const host = await choose(room)
    if (host === null) {
      count.refused++
      if (fleet.hosts.some((other) => hasSpace(other, room))) count.refusedWrongly++
      return
    }
    count.placed++
    if (host.draining) count.onDraining++
    if (host.region !== room.region) {
      count.spilled++
      if (fleet.hosts.some((other) => other.region === room.region && hasSpace(other, room))) count.strayed++
    }
    live(host, consumersOf(room, host))
  }

  function choose(room: SimulatedRoom): Promise<SimulatedHost | null> {
    if ((scenario.policy ?? 'dispatchers') === 'dispatchers') return fleet.place(room)
    const able = fleet.hosts.filter((host) => hasSpace(host, room))
    if (scenario.policy === 'random') return Promise.resolve(able[Math.floor(random() * able.length)] ?? null)
    const used = (host: SimulatedHost) => (host.consumers + host.pending) / host.capacity
    return Promise.resolve(able.toSorted((a, b) => used(a) - used(b))[0] ?? null)
  }

  function randomRoom(index: number): SimulatedRoom {
    const region = scenario.regions[Math.floor(random() * scenario.regions.length)] ?? ''
    const size = random() < 0.9 ? 2 : 3 + Math.floor(random() * 6)
    return { name: `room-${scenario.seed}-${index}`, region, size, streams: random() < 0.4 ? 0.5 : 1 }
  }

  function live(host: SimulatedHost, consumers: number): void {
    const answeredAt = fleet.now + random() * 10_000
    host.rooms++
    host.pending += consumers
    calendar.add(answeredAt, () => {
      host.pending -= consumers
      host.consumers += consumers
    })
    calendar.add(answeredAt - Math.log(1 - random()) * scenario.life * 1000, () => {
      host.consumers -= consumers
      host.rooms--
    })
  }
}
