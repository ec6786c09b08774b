import { afterEach, beforeEach, expect, test } from 'vitest'
import { LoadGenerator } from './LoadGenerator.ts'
import { newSrtpKey } from './rtp-parameters.ts'
import { opusShape, vp8Shape } from './shapes.ts'

/** The generator without a server: what it sends goes to its own socket. */
let generator: LoadGenerator

beforeEach(async () => {
  generator = await LoadGenerator.start({ log: console.log })
})

afterEach(() => generator.close())

function sendToItself(ssrc: number, keys: { sent?: string; expected?: string }): void {
  const id = generator.send({
    ip: '127.0.0.1',
    port: generator.port,
    ssrc,
    payloadType: 96,
    shape: ssrc % 2 === 0 ? opusShape : vp8Shape,
    levelExtension: ssrc % 2 === 0 ? 10 : 0,
    ...(keys.sent === undefined ? {} : { key: keys.sent }),
  })
  generator.expect(id, { ssrc, ...(keys.expected === undefined ? {} : { key: keys.expected }) })
}

function sendCallsToItself(streams: number, encrypted: boolean): void {
  for (let ssrc = 1; ssrc <= streams; ssrc += 1) {
    const key = encrypted ? newSrtpKey() : undefined
    sendToItself(ssrc, key === undefined ? {} : { sent: key, expected: key })
  }
}

test.each([
  ['SRTP', true],
  ['plain RTP', false],
])('counts nothing lost where nothing is, with %s', async (_, encrypted) => {
  sendCallsToItself(20, encrypted)
  const window = await generator.measure(1000)
  expect(window).toMatchObject({ receivers: 20, forged: 0, unknown: 0, alien: 0, repeated: 0, silentStreams: 0, droppedOnPurpose: 0 })
  expect(window.expected).toBeGreaterThan(0)
  expect(window.received).toBe(window.expected)
})

test.each([
  ['SRTP', true],
  ['plain RTP', false],
])('counts exactly the packets that were dropped on purpose, with %s', async (_, encrypted) => {
  sendCallsToItself(20, encrypted)
  generator.dropOnPurpose(0.1)
  const window = await generator.measure(1000)
  expect(window.droppedOnPurpose).toBeGreaterThan(0)
  expect(window.expected - window.received).toBe(window.droppedOnPurpose)
  expect(window.loss).toBeCloseTo(window.droppedOnPurpose / window.expected)
})

test('counts a stream under a foreign key as lost, and says why', async () => {
  const key = newSrtpKey()
  sendToItself(2, { sent: key, expected: key })
  sendToItself(4, { sent: newSrtpKey(), expected: newSrtpKey() })
  const window = await generator.measure(600)
  expect(window).toMatchObject({ receivers: 2, silentStreams: 1, badStreams: 1, worstLoss: 1 })
  expect(window.forged).toBeGreaterThan(0)
})

test('counts a stream that nobody sends back as silent', async () => {
  const id = generator.send({ ip: '127.0.0.1', port: 9, ssrc: 7, payloadType: 96, shape: opusShape })
  generator.expect(id, { ssrc: 8 })
  const window = await generator.measure(300)
  expect(window).toMatchObject({ receivers: 1, silentStreams: 1, received: 0, loss: 1 })
})

test('says which command it does not understand', async () => {
  generator.expect(99, { ssrc: 1 })
  await expect(generator.measure(100)).rejects.toThrow('no such stream')
})
