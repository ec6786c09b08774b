import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { forwarding } from './forwarding.ts'
import { Closing } from './kit/bench.ts'
import { printReport } from './kit/report.ts'
import { type BenchRun, runBench } from './kit/run.ts'

/**
 * One bench from end to end, in short: the load generator, the real media host, the stand-in for the
 * edge, and Janus. What the report says must be complete and possible; how fast is nobody's claim here.
 */
const measurementSchema = z.object({
  system: z.string(),
  payloadBytes: z.number(),
  packets: z.int().positive(),
  packetsPerSecond: z.number().positive(),
  packetsPerSecondPerCore: z.number().positive(),
  coreShare: z.number().positive(),
  loss: z.number().max(1),
})
const ratioSchema = z.object({
  payloadBytes: z.number(),
  toJanusSrtp: z.number().positive(),
  toJanusPlain: z.number().positive(),
})
const lastLineSchema = z.object({
  bench: z.literal('forwarding'),
  quick: z.literal(true),
  machine: z.object({ cpu: z.string().min(1), cores: z.int().positive() }),
  versions: z.record(z.string(), z.string().min(1)),
  commands: z.array(z.string()).min(1),
  results: z.object({ measurements: z.array(measurementSchema), ratios: z.array(ratioSchema) }),
})

const closing = new Closing()
let run: BenchRun

beforeAll(async () => {
  run = await runBench(forwarding, { options: new Map([['quick', '']]), log: console.log, closing })
}, 240_000)

afterAll(() => closing.close())

describe('forwarding, in short', () => {
  test('measures each system with each size of packets', () => {
    const { measurements } = lastLineSchema.shape.results.parse(run.report.results)
    expect(measurements.map(({ system, payloadBytes }) => `${system} ${payloadBytes}`)).toEqual([
      'Ringway (SRTP) 90',
      'Janus (SRTP) 90',
      'Janus (plain RTP) 90',
      'Ringway (SRTP) 1000',
      'Janus (SRTP) 1000',
      'Janus (plain RTP) 1000',
    ])
  })

  test('says all of it, on what it was measured included, in its last line', () => {
    const lines: string[] = []
    printReport(run.report, { machine: run.machine, seconds: run.seconds, print: (line) => lines.push(line) })
    const { results, versions } = lastLineSchema.parse(JSON.parse(lines.at(-1) ?? ''))
    expect(results.ratios.map(({ payloadBytes }) => payloadBytes)).toEqual([90, 1000])
    expect(Object.keys(versions)).toEqual(['mediasoup', 'janus', 'node'])
    expect(lines.some((line) => line.includes(run.machine.cpu))).toBe(true)
  })
})
