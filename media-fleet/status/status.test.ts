import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SfuHost } from '#fleet/sfu/SfuHost.ts'
import { openRoom, type OpenedRoom, openSfu, SrtpParticipant } from '../testing/media-kit.ts'
import { createMetrics } from './metrics.ts'
import { type Health, StatusServer } from './StatusServer.ts'

let sfu: SfuHost
let opened: OpenedRoom
let status: StatusServer
let alice: SrtpParticipant
let health: Health = { healthy: true, details: { rooms: 1 } }

const control = { connected: true, roundTripMs: 12.5 as number | undefined }

beforeAll(async () => {
  sfu = await openSfu({ workers: 2, inspectMs: 50 })
  opened = await openRoom(sfu)
  alice = await SrtpParticipant.join(opened)
  const metrics = createMetrics({ sfu, control, rooms: { size: 3, connected: 2, draining: true }, turn: undefined })
  status = await StatusServer.listen({ port: 0, health: () => health, metrics })
})

afterAll(async () => {
  alice.close()
  await status.close()
  await status.close()
  await sfu.close()
})

const get = (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${status.port}${path}`, init)

interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/**
 * The Prometheus text format, version 0.0.4, strictly: every line is a sample, HELP or TYPE; each
 * family has both before its samples, once; no sample comes twice. Prometheus reads numbers as Go
 * does, and prom-client's `Nan` is one there.
 */
function parseMetrics(text: string): Sample[] {
  expect(text.endsWith('\n')).toBe(true)
  const families = new Map<string, string>()
  const helped = new Set<string>()
  const seen = new Set<string>()
  const samples: Sample[] = []
  for (const line of text.split('\n').filter((part) => part !== '')) {
    const meta = /^# (HELP|TYPE) ([a-zA-Z_:][\w:]*) (.+)$/.exec(line)
    if (meta !== null) {
      const [, what, name = '', rest = ''] = meta
      const known = what === 'HELP' ? helped.has(name) : families.has(name)
      expect(known, line).toBe(false)
      if (what === 'HELP') helped.add(name)
      else families.set(name, rest)
      continue
    }
    const sample =
      /^([a-zA-Z_:][\w:]*)(?:\{((?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\["\\n])*",?)*)\})? (NaN|Nan|[+-]Inf|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/.exec(
        line,
      )
    expect(sample, line).not.toBeNull()
    const [whole = '', name = '', labels = '', value = ''] = sample ?? []
    const family = [name, name.replace(/_(bucket|sum|count)$/, '')].find((candidate) => families.has(candidate))
    expect(family !== undefined && helped.has(family), line).toBe(true)
    const key = whole.slice(0, whole.lastIndexOf(' '))
    expect(seen.has(key), line).toBe(false)
    seen.add(key)
    const pairs = [...labels.matchAll(/([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g)].map(
      ([, label = '', content = '']) => [label, content] as const,
    )
    samples.push({ name, labels: Object.fromEntries(pairs), value: Number(value) })
  }
  return samples
}

async function scrape(): Promise<(name: string, labels?: Record<string, string>) => number | undefined> {
  const response = await get('/metrics')
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/)
  const samples = parseMetrics(await response.text())
  return (name, labels = {}) =>
    samples.find((sample) => sample.name === name && Object.entries(labels).every(([label, value]) => sample.labels[label] === value))
      ?.value
}

describe('/metrics', () => {
  it('counts what the host carries', async () => {
    const voice = await alice.publish('microphone')
    await alice.subscribe(voice.publicationId)
    const before = await scrape()
    const sent = await voice.send(20)
    const bytes = sent.reduce((sum, payload) => sum + payload.length, 0)
    const value = await scrape()
    expect({
      rooms: value('ringway_rooms'),
      participants: value('ringway_participants'),
      producers: value('ringway_producers'),
      consumers: value('ringway_consumers'),
      draining: value('ringway_draining'),
      links: value('ringway_room_links'),
      connected: value('ringway_room_links_connected'),
      workers: value('ringway_workers'),
      deaths: value('ringway_worker_deaths_total'),
    }).toEqual({ rooms: 1, participants: 1, producers: 1, consumers: 1, draining: 1, links: 3, connected: 2, workers: 2, deaths: 0 })
    for (const worker of ['0', '1']) expect(value('ringway_worker_cpu_ratio', { worker })).toBeGreaterThanOrEqual(0)
    for (const direction of ['in', 'out']) {
      const counted = (value('ringway_media_bytes_total', { direction }) ?? 0) - (before('ringway_media_bytes_total', { direction }) ?? 0)
      expect(counted).toBeGreaterThan(bytes)
    }
    expect(value('process_cpu_seconds_total')).toBeGreaterThan(0)
  })

  it('tells the round trip of the control socket, and that there is none', async () => {
    expect((await scrape())('ringway_control_round_trip_seconds')).toBe(0.0125)
    control.connected = false
    control.roundTripMs = undefined
    const value = await scrape()
    expect(value('ringway_control_round_trip_seconds')).toBeNaN()
    expect(value('ringway_control_connected')).toBe(0)
  })

  it('never counts down, also when transports close', async () => {
    const total = async () => (await scrape())('ringway_media_bytes_total', { direction: 'in' }) ?? 0
    const before = await total()
    await opened.room.closeParticipant({ participantId: alice.participantId })
    expect(await total()).toBe(before)
  })
})

describe('/healthz', () => {
  it('says ok, with details, and 503 when it is not', async () => {
    const well = await get('/healthz')
    expect([well.status, await well.json()]).toEqual([200, { status: 'ok', rooms: 1 }])
    health = { healthy: false, details: {} }
    const ill = await get('/healthz')
    expect([ill.status, await ill.json()]).toEqual([503, { status: 'failing' }])
  })
})

it('knows no other path and no other method', async () => {
  expect((await get('/')).status).toBe(404)
  expect((await get('//')).status).toBe(404)
  expect((await get('/metrics', { method: 'POST' })).status).toBe(405)
})
