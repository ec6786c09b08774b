import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { eventually } from './testing/media-kit.ts'
import { type EdgeSocket, TestEdge } from './testing/TestEdge.ts'
import { workerBinary } from './testing/worker-binary.ts'

const file = join(import.meta.dirname, 'main.ts')

let edge: TestEdge
let folder: string
const children: ChildProcess[] = []

beforeEach(async () => {
  edge = await TestEdge.listen()
  folder = await mkdtemp(join(tmpdir(), 'ringway-host-'))
})

afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
  }
  await edge.close()
  await rm(folder, { recursive: true })
})

interface Started {
  readonly child: ChildProcess
  readonly output: () => string
  readonly exit: Promise<number | null>
}

async function start(overrides: Record<string, string> = {}): Promise<Started> {
  const env = {
    PATH: process.env['PATH'],
    RINGWAY_EDGE_URL: edge.url.href,
    RINGWAY_ENROLMENT_SECRET: edge.secret,
    RINGWAY_HOST_STATE: folder,
    RINGWAY_MEDIA_PORTS: '41300-41349',
    RINGWAY_MEDIA_WORKERS: '1',
    MEDIASOUP_WORKER_BIN: await workerBinary(),
    ...overrides,
  }
  const child = fork(file, [], { env, execArgv: [], stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
  children.push(child)
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const exit = once(child, 'exit').then(([code]: unknown[]) => (typeof code === 'number' ? code : null))
  return { child, output: () => output, exit }
}

/** A ready host that serves one open room. */
async function serving(
  overrides: Record<string, string> = {},
): Promise<Started & { control: EdgeSocket; link: EdgeSocket; ready: unknown }> {
  const started = await start(overrides)
  const [ready] = (await once(started.child, 'message')) as [unknown]
  const [control] = edge.controls
  if (control === undefined) throw new TypeError('Ready without a control socket')
  await control.get('serveRoom', { room: 'r:d:1', roomId: '1', epoch: 1, ticket: 't' })
  await eventually(() => expect(edge.rooms).toHaveLength(1))
  const [link] = edge.rooms
  if (link === undefined) throw new TypeError('No room link')
  await link.get('openRoom', { epoch: 1, videoCodec: 'VP8', bandwidthCaps: { camera: 1, screen: 1 } })
  return { ...started, control, link, ready }
}

/** Whether a process of this id exists. */
function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

async function mediaWorkersOf(pid: number): Promise<number[]> {
  const ps = spawn('ps', ['-o', 'pid=', '--ppid', String(pid)])
  let text = ''
  ps.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()))
  await once(ps, 'close')
  return text.trim().split(/\s+/).map(Number)
}

describe('the process', () => {
  it('says that it is ready, serves its status, and drains on SIGTERM until its rooms have left', async () => {
    const { child, control, link, ready, exit } = await serving({ RINGWAY_DRAIN_TIMEOUT: '60' })
    expect(ready).toEqual({ type: 'ready', hostId: expect.any(String), httpPort: expect.any(Number) })
    const { httpPort } = ready as { httpPort: number }
    const health = await fetch(`http://127.0.0.1:${httpPort}/healthz`)
    expect(await health.json()).toMatchObject({
      status: 'ok',
      edge: 'connected',
      workers: { alive: 1, wanted: 1 },
      draining: false,
      rooms: 1,
    })
    const workers = await mediaWorkersOf(child.pid ?? 0)
    expect(workers).toHaveLength(1)
    child.kill('SIGTERM')
    await eventually(() => expect(link.told('draining')).toEqual([{}]))
    await eventually(() => expect(control.told('load').at(-1)).toMatchObject({ draining: true }))
    // The media goes on while it drains: the workers have not taken the signal for theirs.
    expect(await link.get('openParticipant', { epoch: 1, participantId: 'p', kind: 'srtp' })).toMatchObject({ send: { kind: 'srtp' } })
    expect(workers.every(exists)).toBe(true)
    await link.get('closeRoom', { epoch: 1 })
    expect(await exit).toBe(0)
    expect(workers.some(exists)).toBe(false)
  })

  it('stops at once on a second signal', async () => {
    const { child, link, exit } = await serving({ RINGWAY_DRAIN_TIMEOUT: '60' })
    child.kill('SIGTERM')
    await eventually(() => expect(link.told('draining')).toEqual([{}]))
    child.kill('SIGTERM')
    expect(await exit).toBe(0)
  })

  it('stops at once on SIGINT', async () => {
    const { child, exit } = await serving({ RINGWAY_DRAIN_TIMEOUT: '60' })
    child.kill('SIGINT')
    expect(await exit).toBe(0)
  })

  it('ends a drain after its time', async () => {
    const { child, exit } = await serving({ RINGWAY_DRAIN_TIMEOUT: '0.1' })
    child.kill('SIGTERM')
    expect(await exit).toBe(0)
  })

  it('ends, and its workers with it, when its parent lets go of it', async () => {
    const { child, exit } = await serving()
    const workers = await mediaWorkersOf(child.pid ?? 0)
    child.disconnect()
    expect(await exit).toBe(0)
    await eventually(() => expect(workers.some(exists)).toBe(false))
  })

  it('leaves no worker behind when it is killed', async () => {
    const { child, exit } = await serving()
    const workers = await mediaWorkersOf(child.pid ?? 0)
    child.kill('SIGKILL')
    expect(await exit).toBeNull()
    await eventually(() => expect(workers.some(exists)).toBe(false))
  })

  it('can be stopped before the edge was ever there', async () => {
    const { port } = edge
    await edge.close()
    const { child, output, exit } = await start()
    await eventually(() => expect(output()).toContain('host.enrolmentFailed'))
    child.kill('SIGTERM')
    expect(await exit).toBe(0)
    edge = await TestEdge.listen(port)
  })

  it('names what is wrong with its environment', async () => {
    const { output, exit } = await start({ RINGWAY_EDGE_URL: 'nowhere', RINGWAY_MEDIA_PORTS: '1-2' })
    expect(await exit).toBe(1)
    expect(output()).toMatch(/RINGWAY_EDGE_URL.*\nRINGWAY_MEDIA_PORTS/)
  })

  it('ends where the enrolment secret is wrong', async () => {
    const { output, exit } = await start({ RINGWAY_ENROLMENT_SECRET: 'not-the-right-secret' })
    expect(await exit).toBe(1)
    expect(output()).toContain('enrolmentRefused')
    expect(output()).not.toContain('not-the-right-secret')
  })

  it('ends where the media worker does not run', async () => {
    const { output, exit } = await start({ MEDIASOUP_WORKER_BIN: join(folder, 'missing') })
    expect(await exit).toBe(1)
    expect(output()).toContain('ENOENT')
  })
})
