import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from '#infra/system/progress.ts'
import { CpuMeter, descriptorsOf, residentBytesOf } from '../kit/cpu.ts'
import { inParallel } from '../kit/pool.ts'
import { round, type Summary, summarize } from '../kit/statistics.ts'
import type { HeldSession, SignalingSide } from './side.ts'

export interface SignalingPlan {
  readonly sessions: number
  /** Milliseconds of idleness before memory is read: Durable Objects hibernate after ten seconds. */
  readonly idleMs: number
  readonly eventPairs: number
  readonly eventsPerSecond: number
  readonly eventSeconds: number
  readonly invitePairs: number
  /** Of the paced part, which measures delays; the other part measures how many there can be. */
  readonly invitesPerSecond: number
  /** Of each part. */
  readonly inviteSeconds: number
}

export interface SideFigures {
  readonly side: string
  readonly sessionsHeld: number
  readonly sessionsOpenedPerSecond: number
  readonly kibPerSession: number
  readonly descriptorsPerSession: number
  readonly eventMs: Summary
  readonly eventsPerSecond: number
  readonly invitesPerSecond: number
  readonly ringMs: Summary
  readonly inviteMs: Summary
  /** Milliseconds of processor time of the server for one of them. */
  readonly cpuMsPerEvent: number
  readonly cpuMsPerInvite: number
}

const openAtOnce = 16
const pongWithinMs = 10_000

export async function measureSide(side: SignalingSide, options: { plan: SignalingPlan; log: Log }): Promise<SideFigures> {
  const { plan, log } = options
  const pids = Object.values(side.pids).flat()
  log(`${side.name}: opening ${plan.sessions} sessions`)
  const empty = { bytes: total(pids, residentBytesOf), descriptors: total(pids, descriptorsOf) }
  const startedAt = performance.now()
  const held = await inParallel(plan.sessions, openAtOnce, (index) => side.openSession(index))
  const openSeconds = (performance.now() - startedAt) / 1000
  await sleep(plan.idleMs)
  const full = { bytes: total(pids, residentBytesOf), descriptors: total(pids, descriptorsOf) }

  log(`${side.name}: events while they are held`)
  const events = await measureEvents(side, plan)
  log(`${side.name}: invites while they are held`)
  const invites = await measureInvites(side, plan)
  const sessionsHeld = await countAlive(held)
  for (const session of held) session.close()
  return {
    side: side.name,
    sessionsHeld,
    sessionsOpenedPerSecond: Math.round(plan.sessions / openSeconds),
    kibPerSession: round((full.bytes - empty.bytes) / 1024 / plan.sessions, 1),
    descriptorsPerSession: round((full.descriptors - empty.descriptors) / plan.sessions, 2),
    ...events,
    ...invites,
  }
}

async function measureEvents(
  side: SignalingSide,
  plan: SignalingPlan,
): Promise<Pick<SideFigures, 'eventMs' | 'eventsPerSecond' | 'cpuMsPerEvent'>> {
  const pairs = await inParallel(plan.eventPairs, openAtOnce, (index) => side.openEventPair(index))
  const meter = CpuMeter.start(side.pids)
  const latencies: number[] = []
  await onSchedule({ count: pairs.length, perSecond: plan.eventsPerSecond, seconds: plan.eventSeconds }, async (index) => {
    const pair = pairs[index]
    if (pair !== undefined) latencies.push(await pair.tell())
  })
  const { cpu, seconds } = meter.read()
  for (const pair of pairs) pair.close()
  return {
    eventMs: summarize(latencies, 2),
    eventsPerSecond: round(latencies.length / seconds, 1),
    cpuMsPerEvent: round((sum(Object.values(cpu)) * 1000) / latencies.length, 3),
  }
}

async function measureInvites(
  side: SignalingSide,
  plan: SignalingPlan,
): Promise<Pick<SideFigures, 'invitesPerSecond' | 'ringMs' | 'inviteMs' | 'cpuMsPerInvite'>> {
  // One after another, as each may have to make an account first.
  const pairs = await inParallel(plan.invitePairs, 1, (index) => side.openInvitePair(index))
  const paced: { ringMs: number; totalMs: number }[] = []
  await onSchedule({ count: pairs.length, perSecond: plan.invitesPerSecond, seconds: plan.inviteSeconds }, async (index) => {
    const pair = pairs[index]
    if (pair !== undefined) paced.push(await pair.invite())
  })
  const meter = CpuMeter.start(side.pids)
  const until = performance.now() + plan.inviteSeconds * 1000
  let count = 0
  await Promise.all(
    pairs.map(async (pair) => {
      for (; performance.now() < until; count += 1) await pair.invite()
    }),
  )
  const { cpu, seconds } = meter.read()
  for (const pair of pairs) pair.close()
  const ringMs = paced.map((one) => one.ringMs)
  const totalMs = paced.map((one) => one.totalMs)
  return {
    invitesPerSecond: round(count / seconds, 1),
    ringMs: summarize(ringMs, 2),
    inviteMs: summarize(totalMs, 2),
    cpuMsPerInvite: round((sum(Object.values(cpu)) * 1000) / count, 3),
  }
}

/** Runs `act` for each of `count` actors on a fixed, evenly spread schedule: a slow act delays none but its own actor's next one. */
async function onSchedule(
  options: { count: number; perSecond: number; seconds: number },
  act: (index: number) => Promise<void>,
): Promise<void> {
  const intervalMs = (options.count * 1000) / options.perSecond
  const startedAt = performance.now()
  const until = startedAt + options.seconds * 1000
  const run = async (_: unknown, index: number): Promise<void> => {
    for (let at = startedAt + (index * intervalMs) / options.count; at < until; at += intervalMs) {
      await sleep(Math.max(0, at - performance.now()))
      await act(index)
    }
  }
  await Promise.all(Array.from({ length: options.count }, run))
}

/** Sessions that are open and answer a keep-alive. */
async function countAlive(held: readonly HeldSession[]): Promise<number> {
  const before = held.map(({ pongs }) => pongs)
  for (const session of held) if (session.isOpen) session.ping()
  const isAlive = (session: HeldSession, index: number): boolean => session.isOpen && session.pongs > (before[index] ?? 0)
  const deadline = performance.now() + pongWithinMs
  while (!held.every(isAlive) && performance.now() < deadline) await sleep(100)
  return held.filter(isAlive).length
}

const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0)
const total = (pids: readonly number[], of: (pid: number) => number): number => sum(pids.map(of))
