import { directCalls } from './calls/direct-calls.ts'
import type { CallKind } from './calls/held-calls.ts'
import { QualityCall, type ReceivedQuality } from './calls/QualityCall.ts'
import { type Ramp, type RampPlan, type RampStep, ramp } from './calls/ramp.ts'
import { SdkCalls } from './calls/sdk-calls.ts'
import { Deployment } from './deployment/Deployment.ts'
import { EdgeStandIn } from './edge-stand-in/EdgeStandIn.ts'
import { type Bench, type BenchContext, Closing } from './kit/bench.ts'
import type { Report, Table } from './kit/report.ts'
import { ratio, round } from './kit/statistics.ts'
import { packageVersions } from './kit/versions.ts'
import { LoadGenerator } from './load/LoadGenerator.ts'
import { MediaHostProcess } from './media-host/MediaHostProcess.ts'

const kinds = ['audio', 'audio+video'] as const satisfies readonly CallKind[]

/** Calls that the commercial original claims for such a machine, and how many times that is the goal. */
const claimed = { calls: 25, times: 10 } as const

interface Quality {
  readonly kind: CallKind
  readonly calls: number
  readonly loadLoss: number
  readonly received: readonly ReceivedQuality[]
}

interface KindResult {
  readonly kind: CallKind
  readonly own: Ramp
  readonly direct: Ramp
}

/** How many calls a machine holds under 0.5 % loss: with all of Ringway, and with its media host alone. */
export const concurrentCalls: Bench = {
  name: 'concurrent-calls',
  summary: 'concurrent 1:1 calls held under 0.5 % loss, beside the same media without the edge',
  packages: ['chromium'],
  run: async (context) => {
    const chosen = kinds.filter((kind) => (context.option('kind') ?? kind) === kind)
    const mediaPorts = context.option('media-ports') ?? '10000-18999'
    const direct = await measureDirect(context, { kinds: chosen, mediaPorts })
    const { own, quality, chromium } = await measureOwn(context, { kinds: chosen, mediaPorts })
    const results = chosen.flatMap((kind): KindResult[] => {
      const [ownRamp, directRamp] = [own.get(kind), direct.get(kind)]
      return ownRamp === undefined || directRamp === undefined ? [] : [{ kind, own: ownRamp, direct: directRamp }]
    })
    return report(context, { results, quality, chromium })
  },
}

function planOf(context: BenchContext, kind: CallKind): RampPlan {
  const { quick } = context
  const goal = goalOf(context, kind)
  const step = context.number('step', quick ? 4 : Math.ceil(goal / 2))
  return {
    step,
    goal,
    max: context.number('max', quick ? 4 : 2000),
    seconds: context.number('seconds', quick ? 2 : 5),
    budgetSeconds: context.number('budget', 30),
    lossLimit: 0.005,
  }
}

/** Video has twice as many streams, and half as many calls are asked for. */
function goalOf(context: BenchContext, kind: CallKind): number {
  const target = context.number('target', context.quick ? 4 : claimed.calls * claimed.times)
  return kind === 'audio' ? target : Math.ceil(target / 2)
}

async function measureDirect(
  context: BenchContext,
  options: { kinds: readonly CallKind[]; mediaPorts: string },
): Promise<Map<CallKind, Ramp>> {
  const { log } = context
  const ramps = new Map<CallKind, Ramp>()
  for (const kind of options.kinds) {
    const closing = new Closing()
    context.closing.add(() => closing.close())
    const edge = await EdgeStandIn.start()
    closing.add(() => edge.close())
    const host = await MediaHostProcess.start({ edgeUrl: edge.url, mediaPorts: options.mediaPorts, log })
    closing.add(() => host.stop())
    const generator = await LoadGenerator.start({ log })
    closing.add(() => generator.close())
    await host.whileRunning(edge.host, 'dial the edge')
    ramps.set(kind, await ramp(directCalls({ edge, host, generator, kind }), { plan: planOf(context, kind), log }))
    await closing.close()
  }
  return ramps
}

async function measureOwn(
  context: BenchContext,
  options: { kinds: readonly CallKind[]; mediaPorts: string },
): Promise<{ own: Map<CallKind, Ramp>; quality: Quality[]; chromium: string }> {
  const { log, closing } = context
  const deployment = await Deployment.start({ mediaPorts: options.mediaPorts })
  closing.add(() => deployment.stop())
  const generator = await LoadGenerator.start({ log })
  closing.add(() => generator.close())
  const browsers = await QualityCall.prepare(deployment)
  closing.add(() => browsers.close())
  const calls = new SdkCalls({ deployment, generator })
  closing.add(() => calls.close())
  const own = new Map<CallKind, Ramp>()
  const quality: Quality[] = []
  for (const kind of options.kinds) {
    const plan = planOf(context, kind)
    let measured = false
    const afterStep = async (step: RampStep): Promise<void> => {
      if (measured || step.calls < plan.goal) return
      measured = true
      log(`One more call between two browsers, beside ${step.calls}`)
      const { received, meanwhile } = await browsers.measure(plan.seconds, () => generator.measure(plan.seconds * 1000))
      quality.push({ kind, calls: step.calls, loadLoss: round(meanwhile.loss, 5), received })
    }
    if (own.size > 0) {
      log('Hanging up')
      await calls.clear()
    }
    own.set(kind, await ramp(calls.held(kind), { plan, log, afterStep }))
  }
  return { own, quality, chromium: browsers.chromium }
}

function report(context: BenchContext, done: { results: readonly KindResult[]; quality: readonly Quality[]; chromium: string }): Report {
  const { results, quality } = done
  const held: Table = {
    title: 'Calls held with less than 0.5 % of all packets lost',
    columns: ['kind', 'Ringway', 'media host alone', 'ratio', `times ${claimed.calls}`, 'Ringway stopped by', 'alone stopped by'],
    rows: results.map(({ kind, own, direct }) => [
      kind,
      own.held,
      direct.held,
      ratio(own.held, direct.held),
      ratio(own.held, claimed.calls),
      own.stoppedBy,
      direct.stoppedBy,
    ]),
  }
  const qualities: Table = {
    title: 'One more call between two Chromium contexts, audio and 320×180 video at 15 frames/s, beside the load',
    columns: [
      'beside',
      'at',
      'concealed %',
      'audio jitter ms',
      'audio loss %',
      'frames/s',
      'video jitter ms',
      'video loss %',
      'load lost %',
    ],
    rows: quality.flatMap((one) =>
      one.received.map((at) => [
        `${one.calls} ${one.kind}`,
        at.at,
        round(at.concealed * 100, 2),
        at.audioJitterMs,
        round(at.audioLoss * 100, 2),
        at.framesPerSecond,
        at.videoJitterMs,
        round(at.videoLoss * 100, 2),
        round(one.loadLoss * 100, 3),
      ]),
    ),
  }
  return {
    bench: 'concurrent-calls',
    quick: context.quick,
    method: [
      'Calls are added step by step and held; each step is measured for its loss, packet by packet, from the sender through the server to the',
      'receiver. A call has two parties: 50 packets/s of 90 bytes each way (Opus, with audio levels as of people who take turns), with video 50 more',
      'of 1000 bytes (VP8, 400 kbit/s). Ringway: npm start with one media worker per core; each party is an SDK client signed in over WebSocket that',
      'invites or is rung (on two devices) and accepts, its media SRTP of the native load generator. Beside it the same media host, driven over',
      'its fleet links without edge, accounts and rooms. Generator, clients and servers share the machine.',
    ],
    versions: { chromium: done.chromium, ...packageVersions('mediasoup', 'miniflare'), node: process.version },
    commands: ['npm start', 'node media-fleet/main.ts', 'rtpload 127.0.0.1 0'],
    tables: [held, ...results.flatMap(({ kind, own, direct }) => [own, direct].map((one) => stepsOf(kind, one))), qualities],
    results: {
      claimed,
      ramps: results,
      quality,
      ratios: results.map(({ kind, own, direct }) => ({ kind, toHostAlone: ratio(own.held, direct.held) })),
    },
    notes: results.flatMap(({ kind, own, direct }) => notesOf(kind, [own, direct])),
  }
}

function stepsOf(kind: CallKind, { name, steps }: Ramp): Table {
  const parts = Object.keys(steps[0]?.cores ?? {})
  return {
    title: `${name}, ${kind}: loss and cores in use`,
    columns: ['calls', 'packets/s', 'lost %', 'worst %', 'bad', 'p99 ms', 'setup p50', 'p95 ms', 'setups/s', 'late ms', ...parts],
    rows: steps.map((step) => [
      step.calls,
      step.packetsPerSecond,
      round(step.loss * 100, 3),
      round(step.worstLoss * 100, 2),
      step.badStreams,
      round(step.transitP99Us / 1000, 1),
      step.setupMs.p50,
      step.setupMs.p95,
      step.setupsPerSecond,
      round(step.generatorLateP99Us / 1000, 1),
      ...parts.map((part) => step.cores[part] ?? null),
    ]),
  }
}

const reasons: Readonly<Record<Ramp['stoppedBy'], string>> = {
  loss: 'the next step lost more than allowed',
  setup: 'a further call could not be set up',
  max: 'no more were asked for; it may hold more',
  budget: 'the time for adding calls was over; it may hold more',
}

const notesOf = (kind: CallKind, ramps: readonly Ramp[]): string[] =>
  ramps.map(
    ({ name, held, stoppedBy, failure }) =>
      `${name}, ${kind}: ${held} held; ${reasons[stoppedBy]}${failure === undefined ? '' : ` (${failure})`}.`,
  )
