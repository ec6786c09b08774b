import { createServer } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { eventually, recordingLogger } from '../testing/media-kit.ts'
import { workerBinary } from '../testing/worker-binary.ts'
import { WorkerPool } from './WorkerPool.ts'

const pools: WorkerPool[] = []

async function open(options: { workers?: number; bin?: string; ports?: { min: number; max: number } } = {}): Promise<WorkerPool> {
  const { workers = 1, ports = { min: 41_300, max: 41_349 }, bin = await workerBinary() } = options
  const pool = await WorkerPool.create({ workers, bin, ports, listen: { ip: '127.0.0.1' }, logger: recordingLogger().logger })
  pools.push(pool)
  return pool
}

afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.close()))
})

function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

it('passes over a port that somebody else has, on either protocol', async () => {
  const foreign = createServer()
  await new Promise<void>((resolve) => foreign.listen(0, '127.0.0.1', resolve))
  const address = foreign.address()
  if (typeof address !== 'object' || address === null) throw new TypeError('Not listening')
  const taken = address.port
  const pool = await open({ ports: { min: taken, max: Math.min(65_535, taken + 9) } })
  const { udpSockets, tcpServers } = (await pool.workers[0]?.webRtcServer.dump()) ?? { udpSockets: [], tcpServers: [] }
  const ports = [...udpSockets, ...tcpServers].map(({ port }) => port)
  expect(ports).toHaveLength(2)
  expect(new Set(ports).size).toBe(1)
  expect(ports).not.toContain(taken)
  await new Promise<void>((resolve) => foreign.close(() => resolve()))
})

it('leaves no process behind when it closes, again and again', async () => {
  const pool = await open({ workers: 2 })
  const pids = pool.workers.map(({ pid }) => pid)
  expect(pids.every(exists)).toBe(true)
  await Promise.all([pool.close(), pool.close()])
  await pool.close()
  expect(pool.workers).toEqual([])
  expect(pool.deaths).toBe(0)
  expect(pids.some(exists)).toBe(false)
})

it('fails where a worker does not start', async () => {
  await expect(open({ workers: 2, bin: '/nonexistent/mediasoup-worker' })).rejects.toThrow('ENOENT')
})

it('replaces a worker that dies while it replaces another, and measures their load', async () => {
  const pool = await open({ workers: 2 })
  const doomed = pool.workers.map(({ pid }) => pid)
  for (const pid of doomed) process.kill(pid, 'SIGKILL')
  await eventually(() => expect(pool.deaths).toBe(2))
  await eventually(() => expect(pool.workers.map(({ index }) => index)).toEqual([0, 1]))
  expect(pool.workers.some(({ pid }) => doomed.includes(pid))).toBe(false)
  const [worker] = pool.workers
  await worker?.sampleCpu(1000)
  await worker?.sampleCpu(2000)
  expect(worker?.cpu).toBeGreaterThanOrEqual(0)
  expect(worker?.cpu).toBeLessThanOrEqual(1)
})
