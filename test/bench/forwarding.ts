import { setTimeout as sleep } from 'node:timers/promises'
import type { Bench, BenchContext } from './kit/bench.ts'
import { CpuMeter } from './kit/cpu.ts'
import type { Report, Table } from './kit/report.ts'
import { ratio, round } from './kit/statistics.ts'
import { debianVersion, packageVersions } from './kit/versions.ts'
import { LoadGenerator, type LoadWindow } from './load/LoadGenerator.ts'
import { opusShape, type StreamShape } from './load/shapes.ts'
import { openRingwayFanOut } from './media-host/ringway-fan-out.ts'
import { openJanusFanOut } from './peers/janus/open-fan-out.ts'

interface System {
  readonly name: string
  readonly generator: LoadGenerator
  readonly streamId: number
  readonly commandLine: string
  /** All processes that forward, the media worker apart from what only controls it. */
  readonly pids: Readonly<Record<string, readonly number[]>>
}

interface Measurement {
  readonly system: string
  readonly payloadBytes: number
  readonly packets: number
  readonly packetsPerSecond: number
  /** Over all processes of the system. */
  readonly packetsPerSecondPerCore: number
  readonly microsecondsPerPacket: number
  readonly coreShare: number
  readonly loss: number
  readonly transitP50Us: number
  readonly transitP99Us: number
  readonly cpuSeconds: Readonly<Record<string, number>>
}

const payloadSizes = [90, 1000] as const
/** Keeps a stream alive while another system is measured. */
const idleIntervalUs = 1_000_000
const settleMs = 1200

/** Media packets forwarded per second and core: one stream in, many out, of the media host and of Janus in turns. */
export const forwarding: Bench = {
  name: 'forwarding',
  summary: "packets per second and core that the media host forwards, beside Debian's Janus",
  packages: ['janus'],
  run: async (context) => {
    const plan = {
      subscribers: context.number('subscribers', context.quick ? 40 : 150),
      packetsPerSecond: context.number('pps', context.quick ? 200 : 500),
      rounds: context.number('rounds', context.quick ? 1 : 3),
      secondsPerRound: context.number('seconds', context.quick ? 1 : 4),
    }
    const systems = await openSystems(context, plan.subscribers)
    const measurements: Measurement[] = []
    for (const payloadBytes of payloadSizes) {
      const shape = { payloadBytes, frameIntervalUs: Math.round(1e6 / plan.packetsPerSecond) }
      const rounds = new Map<System, Round[]>()
      for (let round = 0; round < plan.rounds; round += 1) {
        for (const system of systems) {
          context.log(`${payloadBytes} bytes, round ${round + 1} of ${plan.rounds}: ${system.name}`)
          const done = await measureRound(system, { shape, seconds: plan.secondsPerRound })
          rounds.set(system, [...(rounds.get(system) ?? []), done])
        }
      }
      for (const [system, done] of rounds) measurements.push(combine(system, { payloadBytes, rounds: done }))
    }
    return report(context, { plan, systems, measurements })
  },
}

async function openSystems(context: BenchContext, subscribers: number): Promise<System[]> {
  const { closing, log } = context
  const idle: StreamShape = { ...opusShape, frameIntervalUs: idleIntervalUs }
  const newGenerator = async (): Promise<LoadGenerator> => {
    const generator = await LoadGenerator.start({ log })
    closing.add(() => generator.close())
    return generator
  }
  log(`Opening one stream to ${subscribers} receivers on each system`)
  const own = await newGenerator()
  const mediaPorts = context.option('media-ports') ?? '10000-10999'
  const { streamId, host } = await openRingwayFanOut({ generator: own, shape: idle, subscribers, mediaPorts, log, closing })
  const systems: System[] = [
    {
      name: 'Ringway (SRTP)',
      generator: own,
      streamId,
      commandLine: `RINGWAY_MEDIA_WORKERS=1 ${host.commandLine}`,
      pids: { 'media worker': host.workerPids, control: [host.pid] },
    },
  ]
  for (const srtp of [true, false]) {
    const generator = await newGenerator()
    const rtpPorts = srtp ? '11000-11019' : '11020-11039'
    const peer = await openJanusFanOut({ generator, shape: idle, subscribers, srtp, rtpPorts, closing })
    systems.push({
      name: srtp ? 'Janus (SRTP)' : 'Janus (plain RTP)',
      generator,
      streamId: peer.streamId,
      commandLine: peer.janus.commandLine,
      pids: { janus: [peer.janus.pid] },
    })
  }
  return systems
}

interface Round {
  readonly window: LoadWindow
  readonly cpu: Readonly<Record<string, number>>
  /** That the processor time was counted over. */
  readonly seconds: number
}

async function measureRound(
  system: System,
  options: { shape: Pick<StreamShape, 'frameIntervalUs' | 'payloadBytes'>; seconds: number },
): Promise<Round> {
  const { generator, streamId } = system
  generator.reshape(streamId, options.shape)
  await sleep(settleMs)
  const meter = CpuMeter.start(system.pids)
  const window = await generator.measure(options.seconds * 1000)
  const { cpu, seconds } = meter.read()
  generator.reshape(streamId, { ...options.shape, frameIntervalUs: idleIntervalUs })
  return { window, cpu, seconds }
}

/** The packets of a window come at a steady rate, and the processor time was read over a little longer than the window. */
function combine(system: System, options: { payloadBytes: number; rounds: readonly Round[] }): Measurement {
  const { payloadBytes, rounds } = options
  const sum = (of: (round: Round) => number): number => rounds.reduce((total, round) => total + of(round), 0)
  const received = sum(({ window }) => window.received)
  const expected = sum(({ window }) => window.expected)
  const packetsPerSecond = received / sum(({ window }) => window.seconds)
  const seconds = sum((round) => round.seconds)
  const names = Object.keys(system.pids)
  const cpuSeconds = Object.fromEntries(
    names.map((name) => [
      name,
      round(
        sum(({ cpu }) => cpu[name] ?? 0),
        3,
      ),
    ]),
  )
  const coreShare = sum(({ cpu }) => Object.values(cpu).reduce((total, value) => total + value, 0)) / seconds
  return {
    system: system.name,
    payloadBytes,
    packets: received,
    packetsPerSecond: Math.round(packetsPerSecond),
    packetsPerSecondPerCore: Math.round(packetsPerSecond / coreShare),
    microsecondsPerPacket: round((coreShare * 1e6) / packetsPerSecond, 2),
    coreShare: round(coreShare, 3),
    loss: round(1 - received / expected, 5),
    transitP50Us: Math.max(...rounds.map(({ window }) => window.transitUs.p50)),
    transitP99Us: Math.max(...rounds.map(({ window }) => window.transitUs.p99)),
    cpuSeconds,
  }
}

async function report(
  context: BenchContext,
  done: {
    plan: { subscribers: number; packetsPerSecond: number; rounds: number; secondsPerRound: number }
    systems: readonly System[]
    measurements: readonly Measurement[]
  },
): Promise<Report> {
  const { plan, systems, measurements } = done
  const [own] = systems
  const perCore = (system: string, payloadBytes: number): number =>
    measurements.find((one) => one.system === system && one.payloadBytes === payloadBytes)?.packetsPerSecondPerCore ?? 0
  const ratios = payloadSizes.map((payloadBytes) => ({
    payloadBytes,
    toJanusSrtp: ratio(perCore(own?.name ?? '', payloadBytes), perCore('Janus (SRTP)', payloadBytes)),
    toJanusPlain: ratio(perCore(own?.name ?? '', payloadBytes), perCore('Janus (plain RTP)', payloadBytes)),
  }))
  const figures: Table = {
    title: `One stream of ${plan.packetsPerSecond} packets/s to ${plan.subscribers} receivers, ${plan.rounds} rounds of ${plan.secondsPerRound} s each`,
    columns: ['payload', 'system', 'packets/s', 'share of a core', 'µs a packet', 'packets/s/core', 'loss %', 'transit p50 µs', 'p99 µs'],
    rows: measurements.map((one) => [
      one.payloadBytes,
      one.system,
      one.packetsPerSecond,
      one.coreShare,
      one.microsecondsPerPacket,
      one.packetsPerSecondPerCore,
      round(one.loss * 100, 3),
      one.transitP50Us,
      one.transitP99Us,
    ]),
  }
  const multiples: Table = {
    title: 'Packets per second and core, Ringway as a multiple of',
    columns: ['payload', 'Janus, SRTP out as well', 'Janus, plain RTP out'],
    rows: ratios.map(({ payloadBytes, toJanusSrtp, toJanusPlain }) => [payloadBytes, toJanusSrtp, toJanusPlain]),
  }
  return {
    bench: 'forwarding',
    quick: context.quick,
    method: [
      'One RTP stream in, a copy to each receiver out. Ringway: media-fleet/main.ts with one media worker, driven over its fleet links, SRTP',
      '(AES_CM_128_HMAC_SHA1_80) in and out, which is all it speaks. Janus: VideoRoom with rtp_forward to each receiver, once with the same SRTP',
      'and once plain; its stream comes from a second Janus that is not counted. Every packet is checked for its authentication and its number.',
      'Processor time is that of all threads of the forwarding processes (schedstat), control process included.',
    ],
    versions: { ...packageVersions('mediasoup'), janus: await debianVersion('janus'), node: process.version },
    commands: [...systems.map(({ commandLine }) => commandLine), `${own?.generator.commandLine} (one per system)`],
    tables: [figures, multiples],
    results: { plan, measurements, ratios },
    notes: [
      "Debian's libsrtp2, which its Janus uses, is built on NSS; Ringway's worker on OpenSSL. Plain RTP does no cryptography at all.",
    ],
  }
}
