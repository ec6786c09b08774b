import { afterEach, beforeEach, expect, test } from 'vitest'
import { newId } from '#shared/ids/ids.ts'
import type { IncomingInvite, SessionSnapshot } from '#shared/protocol/wapi/hub.ts'
import { silentLogger, testSockets } from '../testing/sockets.ts'
import { TestServer } from '../testing/TestServer.ts'
import { Hub } from './Hub.ts'

let server: TestServer
let hub: Hub
/** What the server knows. */
let seq = 0
let log: { seq: number; event: string; body: unknown }[] = []
let keepsEvents = true
const sessionId = newId()
const told: string[] = []
const snapshots: SessionSnapshot[] = []

const snapshot = (): SessionSnapshot => ({
  sessionId,
  seq,
  user: { userId: 'u1', username: 'alice@default', domain: 'default' },
  capabilities: [],
  invites: [],
  calls: [],
})

const invite = (inviteId: string): IncomingInvite => ({
  inviteId,
  roomId: newId(),
  from: { username: 'bob@default' },
  media: { audio: true, video: false },
  ticket: 't',
  createdAt: 1,
  expiresAt: null,
})

function happen(inviteId: string, options: { send: boolean }): void {
  seq += 1
  const event = { seq, event: 'inviteReceived', body: invite(inviteId) }
  log.push(event)
  if (options.send) server.latest.event(event.event, event.body, { seq })
}

beforeEach(async () => {
  seq = 10
  log = []
  keepsEvents = true
  told.length = 0
  snapshots.length = 0
  server = await TestServer.start()
  server.respond = ({ resource, body }, connection) => {
    if (resource !== '/sessions') return {}
    const { lastSeq } = body as { lastSeq?: number }
    const resumed = lastSeq !== undefined && keepsEvents
    // Missed events go ahead of the answer, as the real hub sends them.
    for (const event of resumed ? log.filter((missed) => missed.seq > lastSeq) : []) connection.event(event.event, event.body, event)
    return { body: { resumed, snapshot: snapshot() } }
  }
  hub = new Hub({ sessionId, context: { platform: 'test' }, sockets: testSockets(server), logger: silentLogger })
  hub.on('inviteReceived', ({ inviteId }) => told.push(inviteId))
  hub.on('snapshot', (whole) => snapshots.push(whole))
  hub.open()
  await server.until(() => snapshots.length === 1)
})

afterEach(async () => {
  hub.close()
  await server.close()
})

test('opens its session with its id and context, and no event number at first', () => {
  expect(server.requests).toMatchObject([{ method: 'POST', resource: '/sessions', body: { sessionId, context: { platform: 'test' } } }])
  expect(server.requests[0]?.body).not.toHaveProperty('lastSeq')
})

test('tells each event once, in order, however often it comes', async () => {
  happen('a', { send: true })
  happen('b', { send: true })
  for (const event of log) server.latest.event(event.event, event.body, event)
  happen('c', { send: true })
  await server.until(() => told.includes('c'))
  expect(told).toEqual(['a', 'b', 'c'])
})

test('asks for what is missing when it sees a gap, on the same connection', async () => {
  happen('a', { send: true })
  happen('lost', { send: false })
  happen('c', { send: true })
  await server.until(() => told.length === 3)
  expect(told).toEqual(['a', 'lost', 'c'])
  expect(server.connections).toHaveLength(1)
  expect(server.requests.at(-1)).toMatchObject({ resource: '/sessions', body: { lastSeq: 11 } })
})

test('asks once for many events beyond one gap', async () => {
  happen('lost', { send: false })
  for (const name of ['b', 'c', 'd', 'e']) happen(name, { send: true })
  await server.until(() => told.length === 5)
  expect(told).toEqual(['lost', 'b', 'c', 'd', 'e'])
  expect(server.requests.filter(({ resource }) => resource === '/sessions')).toHaveLength(2)
})

test('misses nothing over a lost connection', async () => {
  happen('a', { send: true })
  await server.until(() => told.length === 1)
  const lost = server.latest
  lost.drop()
  await server.until(() => lost.closed)
  happen('b', { send: false })
  await server.until(() => told.length === 2)
  expect(told).toEqual(['a', 'b'])
  expect(snapshots).toHaveLength(1)
})

test('takes a snapshot where the server has forgotten what was missed', async () => {
  keepsEvents = false
  seq = 900
  server.latest.drop()
  await server.until(() => snapshots.length === 2)
  happen('after', { send: true })
  await server.until(() => told.length === 1)
  expect(told).toEqual(['after'])
})

test('leaves out what it cannot read and what it does not know', async () => {
  for (const [event, body] of [
    ['inviteReceived', { inviteId: 7 }],
    ['somethingNew', {}],
  ] as const) {
    seq += 1
    server.latest.event(event, body, { seq })
  }
  happen('good', { send: true })
  await server.until(() => told.length === 1)
  expect(told).toEqual(['good'])
})
