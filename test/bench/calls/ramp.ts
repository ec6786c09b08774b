import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from '#infra/system/progress.ts'
import { CpuMeter } from '../kit/cpu.ts'
import { round, type Summary, summarize } from '../kit/statistics.ts'
import type { HeldCalls } from './held-calls.ts'

export interface RampPlan {
  /** Calls of the first step, and of each further one up to the goal; beyond it, each step adds half of what is held. */
  readonly step: number
  readonly max: number
  /** Calls to get to whatever the time it takes. */
  readonly goal: number
  readonly seconds: number
  /** Beyond the goal nothing is added once setting up and measuring has taken so long, in seconds; signing in does not count. */
  readonly budgetSeconds: number
  /** Share of all packets that may be lost. */
  readonly lossLimit: number
}

export interface RampStep {
  readonly calls: number
  readonly held: boolean
  readonly loss: number
  /** Of the stream that lost most. */
  readonly worstLoss: number
  /** Streams that lost more than 0.5 %, of all. */
  readonly badStreams: number
  readonly streams: number
  readonly packetsPerSecond: number
  readonly transitP50Us: number
  readonly transitP99Us: number
  /** Cores in use, by part. */
  readonly cores: Readonly<Record<string, number>>
  /** How late the generator was, at p99: it shares the machine. */
  readonly generatorLateP99Us: number
  /** From the invite until both sides receive, of the calls that this step added. */
  readonly setupMs: Summary
  /** Milliseconds of processor time that setting up one call took, by part. */
  readonly setupCpuMs: Readonly<Record<string, number>>
  readonly setupsPerSecond: number
  /** Arrivals that the generator itself had no room for. */
  readonly socketDrops: number
}

export interface Ramp {
  readonly name: string
  readonly steps: readonly RampStep[]
  /** The most calls that were held within the limit; 0 where even the first step was too much. */
  readonly held: number
  readonly stoppedBy: 'loss' | 'setup' | 'max' | 'budget'
  readonly failure?: string
}

/** More than the time between two key frames, without which a new video stream does not begin to flow. */
const settleMs = 2500

/** Adds calls step by step and measures each step, until more is lost than allowed or a call cannot be set up. */
export async function ramp(
  calls: HeldCalls,
  options: { plan: RampPlan; log: Log; afterStep?: (step: RampStep) => Promise<void> },
): Promise<Ramp> {
  const { plan, log } = options
  const steps: RampStep[] = []
  let spentMs = 0
  const finish = (stoppedBy: Ramp['stoppedBy'], failure?: string): Ramp => ({
    name: calls.name,
    steps,
    held: Math.max(0, ...steps.filter(({ held }) => held).map((step) => step.calls)),
    stoppedBy,
    ...(failure === undefined ? {} : { failure }),
  })
  let count = 0
  while (count < plan.max) {
    if (count >= plan.goal && spentMs > plan.budgetSeconds * 1000) return finish('budget')
    const added = Math.min(count < plan.goal ? plan.step : Math.max(plan.step, Math.round(count / 2)), plan.max - count)
    await calls.prepare(count + added)
    log(`${calls.name}: adding ${added} calls`)
    const startedAt = performance.now()
    const meter = CpuMeter.start(calls.pids())
    const setup = await calls.add(added).catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))))
    if (setup instanceof Error) {
      log(`${calls.name}: ${setup.message}`)
      return finish('setup', setup.message)
    }
    count += added
    const { cpu, seconds } = meter.read()
    const cpuMs = Object.fromEntries(Object.entries(cpu).map(([name, used]) => [name, round((used * 1000) / added, 1)]))
    const step = {
      ...(await measureStep(calls, { calls: count, plan })),
      setupMs: summarize(setup, 0),
      setupCpuMs: cpuMs,
      setupsPerSecond: round(added / seconds, 1),
    }
    spentMs += performance.now() - startedAt
    steps.push(step)
    log(`${calls.name}: ${count} calls, ${(step.loss * 100).toFixed(3)} % lost`)
    if (!step.held) return finish('loss')
    await options.afterStep?.(step)
  }
  return finish('max')
}

async function measureStep(
  { generator, pids }: HeldCalls,
  options: { calls: number; plan: RampPlan },
): Promise<Omit<RampStep, 'setupMs' | 'setupCpuMs' | 'setupsPerSecond'>> {
  await sleep(settleMs)
  const groups = { ...pids(), 'load generator': [generator.pid], 'load clients': [process.pid] }
  const meter = CpuMeter.start(groups)
  const window = await generator.measure(options.plan.seconds * 1000)
  const { cpu, seconds } = meter.read()
  const isComplete = window.silentStreams === 0 && window.receivers > 0 && window.forged === 0
  return {
    calls: options.calls,
    held: isComplete && window.loss < options.plan.lossLimit,
    loss: window.loss,
    worstLoss: window.worstLoss,
    badStreams: window.badStreams,
    streams: window.receivers,
    packetsPerSecond: Math.round(window.received / window.seconds),
    transitP50Us: window.transitUs.p50,
    transitP99Us: window.transitUs.p99,
    cores: Object.fromEntries(Object.entries(cpu).map(([name, used]) => [name, round(used / seconds, 2)])),
    generatorLateP99Us: window.latenessUs.p99,
    socketDrops: window.socketDrops,
  }
}
