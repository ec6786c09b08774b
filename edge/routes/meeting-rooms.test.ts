import { evictDurableObject } from 'cloudflare:test'
import { beforeAll, describe, expect, it } from 'vitest'
import { newId } from '#shared/ids/ids.ts'
import { parseMeetingAddress } from '#shared/protocol/meeting-address.ts'
import type { CallRecord } from '#shared/protocol/sapi/call-record.ts'
import type { MeetingView } from '#shared/protocol/sapi/meetings.ts'
import { joinResultSchema } from '#shared/protocol/wapi/room.ts'
import { meetingRoomName } from '#edge/domain/object-names.ts'
import { room } from '#edge/services/stubs.ts'
import {
  adminToken,
  call,
  createDomain,
  createUser,
  env,
  expectJson,
  expectProblem,
  requestToken,
  startAnew,
  tokenOf,
} from './testing/api.ts'
import { knock, type RoomAnswer, RoomDevice } from './testing/room-socket.ts'

const services = { login: [], contacts: ['wac'], callcontrol: [], meetings: [] }
const hour = 3_600_000

let domainId: string
let visitor: string
const ids: Record<string, string> = {}
const tokens: Record<string, string> = {}

beforeAll(async () => {
  await startAnew()
  // Everybody goes from one meeting to the next without hanging up.
  const settings = { rooms: { notInACall: false } }
  domainId = (await createDomain('acme.test', { services, settings, enableAnonymous: true })).id
  await createDomain('evil.test', { services })
  for (const name of ['alice@acme.test', 'bob@acme.test', 'carol@acme.test', 'eve@evil.test']) {
    const [username = '', domain = ''] = name.split('@')
    ids[username] = (await createUser(domain, username)).id
    tokens[username] = await tokenOf(name)
  }
  const answer = await requestToken({ grant_type: 'anonymous', username: '@acme.test' })
  visitor = (await expectJson<{ access_token: string }>(answer, 200)).access_token
})

const token = (name: string): string => tokens[name] ?? ''

/** Of alice, who invites bob; on now unless said otherwise. */
async function meet(fields: Record<string, unknown> = {}): Promise<MeetingView & { key: string }> {
  const now = Date.now()
  const json = { name: 'Weekly', users: [ids['bob']], validSince: now - hour, validUntil: now + hour, ...fields }
  const meeting = await expectJson<MeetingView>(await call('/sapi/meetings', { json, token: token('alice') }), 201)
  return { ...meeting, key: parseMeetingAddress(new URL(meeting.url).searchParams.get('room') ?? '')?.key ?? '' }
}

const path = (meeting: MeetingView) => `/sapi/meetings/${meeting.id}`
const stubOf = (meeting: MeetingView) => room(env, { room: meetingRoomName(domainId, meeting.id) })
const at = (meeting: MeetingView, name: string, ticket?: string) =>
  RoomDevice.at({ token: tokens[name] ?? name, roomId: meeting.uri, ticket })

const joined = ({ status, body }: RoomAnswer) => {
  expect({ status, body }).toMatchObject({ status: 200 })
  return joinResultSchema.parse(body)
}

const shown = (answer: RoomAnswer) => joined(answer).snapshot.participants.map(({ username, owner }) => [username, owner])

async function refused(meeting: MeetingView, name: string, expected: { status: number; code: string; ticket?: string }): Promise<void> {
  const response = await knock({ token: tokens[name] ?? name, roomId: meeting.uri, ticket: expected.ticket })
  const problem = await expectProblem(response, expected.status, expected.code)
  if (expected.code === 'roomNotFound') expect(problem).not.toHaveProperty('context')
  else expect(problem['context']).toEqual({ validSince: meeting.validSince, validUntil: meeting.validUntil })
}

const unknown = { status: 404, code: 'roomNotFound' }

describe('the room of a meeting', () => {
  it('is made by the first who comes, and falls to its creator', async () => {
    const meeting = await meet()
    const bob = await at(meeting, 'bob')
    const first = await bob.join()
    expect(joined(first).snapshot).toMatchObject({ roomId: meeting.uri, kind: 'conference' })
    expect(shown(first)).toEqual([['bob@acme.test', true]])
    // A room that wakes anew knows it too.
    await evictDurableObject(stubOf(meeting))
    const alice = await at(meeting, 'alice')
    const second = joined(await alice.join())
    expect(second.snapshot.participants.map(({ username, owner }) => [username, owner])).toEqual([
      ['bob@acme.test', false],
      ['alice@acme.test', true],
    ])
    expect((await bob.event('roomChanged')).body).toEqual({ locked: false, owner: second.participantId })
    expect(await bob.ask('PATCH', '', { locked: true })).toMatchObject({ status: 403, body: { code: 'notRoomOwner' } })
    for (const device of [bob, alice]) device.close()
  })

  it('is entered by whoever of the domain holds the link, visitors too, and by nobody else without being invited', async () => {
    const meeting = await meet()
    for (const name of ['carol', visitor, 'eve', await adminToken()]) await refused(meeting, name, unknown)
    await refused(meeting, 'eve', { ...unknown, ticket: meeting.key })
    await refused(meeting, 'carol', { ...unknown, ticket: (await meet()).key })
    const [carol, guest] = [await at(meeting, 'carol', meeting.key), await at(meeting, visitor, meeting.key)]
    const inside = [shown(await carol.join()), shown(await guest.join())]
    expect(inside[1]).toEqual([
      ['carol@acme.test', true],
      [expect.stringMatching(/^anonymous-\w+@acme\.test$/), false],
    ])
    // Nobody inside is shown the key, and no other room has such a door.
    expect(JSON.stringify(await guest.ask('GET', ''))).not.toContain(meeting.key)
    for (const roomId of [`wac-conf${'1'.repeat(20)}`, meeting.id, `${meeting.uri}.${meeting.key}`]) {
      await expectProblem(await knock({ token: token('carol'), roomId, ticket: meeting.key }), 404, 'roomNotFound')
    }
    for (const device of [carol, guest]) device.close()
  })

  it('is not another domain’s, even under the same id', async () => {
    const meeting = await meet()
    const alice = await at(meeting, 'alice')
    await alice.join()
    await refused(meeting, 'eve', unknown)
    alice.close()
  })

  it('needs the service of the domain', async () => {
    const domain = await createDomain('short.test', { services })
    await createUser('short.test', 'sam')
    const sam = await tokenOf('sam@short.test')
    const now = Date.now()
    const json = { name: 'x', validSince: now - hour, validUntil: now + hour }
    const meeting = await expectJson<MeetingView>(await call('/sapi/meetings', { json, token: sam }), 201)
    const without = { services: { login: [], callcontrol: [], meetings: null } }
    expect((await call(`/sapi/domains/${domain.id}`, { method: 'PATCH', json: without, token: await adminToken() })).status).toBe(200)
    const problem = await expectProblem(await knock({ token: sam, roomId: meeting.uri }), 403, 'serviceNotEnabled')
    expect(problem['context']).toEqual({ service: 'meetings' })
  })
})

describe('its time', () => {
  it('has not come: those whom it concerns are told when, others that there is nothing', async () => {
    const meeting = await meet({ validSince: Date.now() + hour, validUntil: Date.now() + 2 * hour })
    const early = { status: 403, code: 'meetingNotStarted' }
    for (const name of ['alice', 'bob']) await refused(meeting, name, early)
    await refused(meeting, visitor, { ...early, ticket: meeting.key })
    for (const name of ['carol', visitor, 'eve']) await refused(meeting, name, unknown)
    const response = await call(`/wapi/rooms/${encodeURIComponent(meeting.uri)}/messages?connection=`, { token: token('bob'), json: {} })
    await expectProblem(response, 403, 'meetingNotStarted')
  })

  it('is over', async () => {
    const meeting = await meet({ validSince: Date.now() - 2 * hour, validUntil: Date.now() - hour })
    for (const name of ['alice', 'bob']) await refused(meeting, name, { status: 410, code: 'meetingEnded' })
    await refused(meeting, 'carol', { status: 410, code: 'meetingEnded', ticket: meeting.key })
    for (const name of ['carol', visitor, 'eve']) await refused(meeting, name, unknown)
  })

  it('ends: who is inside finishes and comes back, who waited at the door comes too late', async () => {
    const meeting = await meet({ validUntil: Date.now() + 2500 })
    const [alice, late] = [await at(meeting, 'alice'), await at(meeting, 'bob')]
    const { ticket } = joined(await alice.join())
    await new Promise((resolve) => setTimeout(resolve, meeting.validUntil - Date.now() + 50))
    await refused(meeting, 'bob', { status: 410, code: 'meetingEnded' })
    expect(await late.join()).toMatchObject({ status: 410, body: { code: 'meetingEnded', context: { validUntil: meeting.validUntil } } })
    expect(joined(await alice.join()).snapshot.participants).toHaveLength(1)
    alice.close()
    const back = await RoomDevice.at({ token: token('alice'), roomId: meeting.uri, ticket }, alice.sessionId)
    expect(shown(await back.join())).toEqual([['alice@acme.test', true]])
    expect(await back.leave()).toMatchObject({ status: 200 })
    const again = await RoomDevice.at({ token: token('alice'), roomId: meeting.uri, ticket })
    expect(await again.join()).toMatchObject({ status: 410, body: { code: 'roomEnded' } })
    for (const device of [late, back, again]) device.close()
  })
})

describe('who is inside', () => {
  it('stays when the meeting is deleted, and finds the way back in through a restart', async () => {
    const meeting = await meet()
    const [alice, bob] = [await at(meeting, 'alice'), await at(meeting, 'bob')]
    await alice.join()
    const { ticket, participantId } = joined(await bob.join())
    expect((await call(path(meeting), { method: 'DELETE', token: token('alice') })).status).toBe(204)
    for (const name of ['alice', 'bob']) await refused(meeting, name, unknown)
    bob.close()
    await evictDurableObject(stubOf(meeting))
    const back = await RoomDevice.at({ token: token('bob'), roomId: meeting.uri, ticket }, bob.sessionId)
    expect(joined(await back.join())).toMatchObject({ participantId, snapshot: { roomId: meeting.uri } })
    for (const device of [alice, back]) device.close()
  })

  it('goes on to be heard without WebSockets, where each message knocks anew', async () => {
    const meeting = await meet()
    const where = `/wapi/rooms/${encodeURIComponent(meeting.uri)}`
    const stream = await call(`${where}/events`, { token: token('bob') })
    const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader()
    const connection = /"connectionId":"([^"]+)"/.exec((await reader?.read())?.value ?? '')?.[1] ?? ''
    const say = (options: { by: string; on: string }) => {
      const json = { id: '1', method: 'POST', resource: `/rooms/${meeting.uri}/participants`, body: { sessionId: newId() } }
      return call(`${where}/messages?connection=${options.on}`, { json, token: token(options.by) })
    }
    expect((await call(path(meeting), { method: 'DELETE', token: token('alice') })).status).toBe(204)
    expect(shown(await expectJson<RoomAnswer>(await say({ by: 'bob', on: connection }), 200))).toEqual([['bob@acme.test', true]])
    await expectProblem(await say({ by: 'bob', on: '' }), 404, 'roomNotFound')
    for (const other of [
      { by: 'bob', on: 'another' },
      { by: 'carol', on: connection },
    ])
      await expectProblem(await say(other), 404, 'notFound')
    await reader?.cancel()
  })

  it('is put out for good by the creator, also where they hold the link', async () => {
    const meeting = await meet()
    const [alice, guest] = [await at(meeting, 'alice'), await at(meeting, visitor, meeting.key)]
    await alice.join()
    const { participantId, ticket } = joined(await guest.join())
    expect(await alice.ask('DELETE', `/participants/${participantId}`)).toMatchObject({ status: 200 })
    for (const way of [meeting.key, ticket]) {
      const again = await at(meeting, visitor, way)
      expect(await again.join()).toMatchObject({ status: 404, body: { code: 'roomNotFound' } })
      again.close()
    }
    alice.close()
  })

  it('is in the call record of the conference that the meeting was', async () => {
    const meeting = await meet()
    const guest = await at(meeting, visitor, meeting.key)
    const alice = await at(meeting, 'alice')
    await guest.join()
    await alice.join()
    for (const device of [guest, alice]) {
      await device.leave()
      device.close()
    }
    const month = new Date().toISOString().slice(0, 7)
    const records = async () => {
      const answer = await call(`/sapi/cdrs?month=${month}&domain=acme.test&limit=200`, { token: await adminToken() })
      return (await expectJson<CallRecord[]>(answer, 200)).filter(({ roomId }) => roomId === meeting.uri)
    }
    await expect.poll(async () => (await records()).length, { timeout: 10_000 }).toBe(1)
    const [record] = await records()
    expect(record).toMatchObject({ kind: 'conference', domainId, endReason: 'empty' })
    expect(record?.participants.map(({ username }) => username)).toEqual([expect.stringMatching(/^anonymous-/), 'alice@acme.test'])
  })

  it('may meet again within its time: the next who comes makes the room anew', async () => {
    const meeting = await meet()
    const bob = await at(meeting, 'bob')
    const first = joined(await bob.join()).snapshot.callId
    await bob.leave()
    bob.close()
    const again = await at(meeting, 'bob')
    const second = joined(await again.join()).snapshot
    expect(second.participants).toHaveLength(1)
    expect(second.callId).not.toBe(first)
    again.close()
  })
})
