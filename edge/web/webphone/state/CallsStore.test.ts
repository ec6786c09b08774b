import { beforeEach, describe, expect, test, vi } from 'vitest'
import { RingwayError } from '#shared/sdk/index.ts'
import { FakeClient, people } from '../../stories/FakeClient.ts'
import type { FakeCall } from '../../stories/FakeCall.ts'
import { CallsStore } from './CallsStore.ts'
import { NoticesStore } from './NoticesStore.ts'

const { alice, bob, carol, dave } = people
const now = 1_800_000_000_000

let client: FakeClient
let notices: NoticesStore
let calls: CallsStore

function newStore(options: ConstructorParameters<typeof FakeClient>[0] = {}) {
  client = new FakeClient(options)
  newStoreOn(client)
}

/** As after a reload. */
function newStoreOn(existing: FakeClient) {
  notices = new NoticesStore()
  calls = new CallsStore({
    client: existing,
    notices,
    devices: ({ video }) => ({ audio: true, video }),
    obstacle: async () => null,
    find: (username) => ({ username, name: username.replace(/@.*$/u, '') }),
    now: () => now,
  })
}

beforeEach(() => newStore())

const controller = () => {
  const { phase } = calls.state
  if (phase.kind !== 'call') throw new Error(`In phase ${phase.kind}`)
  return phase.controller
}

const summary = () => {
  const { phase } = calls.state
  if (phase.kind !== 'over') throw new Error(`In phase ${phase.kind}`)
  return phase.summary
}

describe('a call out', () => {
  test('starts, rings, and is over for the reason that the other gave', async () => {
    const dialling = calls.dial(bob.username, { video: false })
    expect(calls.state.phase).toMatchObject({ kind: 'starting', to: { name: 'bob' } })
    await dialling
    expect(controller().state).toMatchObject({ state: 'ringing', invites: [{ displayName: bob.displayName }] })
    const call = [...client.calls.values()][0] as FakeCall
    const [invite] = call.outgoingInvites.values()
    if (invite !== undefined) call.refuse(invite, 'busy')
    client.end(call, 'unanswered')
    expect(summary()).toMatchObject({
      reason: 'ended.busy',
      tone: 'missed',
      names: [bob.displayName],
      again: { kind: 'dial', to: bob.username },
    })
  })

  test('that the server refuses is over before it began', async () => {
    newStore({ refuse: 'userOffline' })
    await calls.dial(bob.username, { video: false })
    expect(summary()).toMatchObject({ reason: 'ended.offline', values: { name: 'bob' }, durationMs: null })
  })

  test('given up before the server answers is left as soon as it comes', async () => {
    const dialling = calls.dial(bob.username, { video: false })
    calls.cancelStart()
    expect(calls.state.phase.kind).toBe('idle')
    await dialling
    expect(calls.state.phase.kind).toBe('idle')
    expect(client.calls.size).toBe(0)
  })

  test('is not made while another is on', async () => {
    client.enter({ others: [bob] })
    await calls.dial(carol.username, { video: false })
    expect(client.calls.size).toBe(1)
    expect(controller().state.others).toMatchObject([{ username: bob.username }])
  })
})

describe('a meeting', () => {
  const uri = 'wac-meeting:01980000-0000-7000-8000-000000000001'
  const address = `${uri}.${'k'.repeat(22)}`

  test.each([
    ['meetingNotStarted', 'meeting.begins', 1000],
    ['meetingEnded', 'meeting.ended', 2000],
  ])('whose door is closed says when it opens or was shut: %s', async (code, reason, at) => {
    const context = { validSince: 1000, validUntil: 2000 }
    vi.spyOn(client, 'joinRoom').mockRejectedValue(new RingwayError({ code, message: '', retryable: false, context }))
    await calls.join(address, { audio: true, video: false })
    expect(summary()).toMatchObject({ reason, values: { at }, tone: 'failed', again: { kind: 'join', roomId: address } })
  })

  test('whose door is closed at a time that is not told says so all the same', async () => {
    newStore({ refuse: 'meetingNotStarted' })
    await calls.join(address, { audio: true, video: false })
    expect(summary().reason).toBe('error.meetingNotStarted')
  })

  test('is passed on, and joined again, by all that its link holds, also after a reload', async () => {
    expect(calls.addressOf(uri)).toBe(uri)
    const join = vi.spyOn(client, 'joinRoom').mockImplementation(async () => client.enter({ kind: 'conference', id: uri }))
    await calls.join(address, { audio: true, video: false })
    expect(join).toHaveBeenCalledWith(address, expect.anything())
    expect(controller().state.id).toBe(uri)
    expect([calls.addressOf(uri), calls.addressOf('wac-conf1')]).toEqual([address, 'wac-conf1'])
    newStore()
    client.enter({ kind: 'conference', id: uri })
    newStoreOn(client)
    calls.restore(address)
    expect([controller().state.id, calls.addressOf(uri)]).toEqual([uri, address])
  })
})

describe('a call in', () => {
  test('rings until it is declined', async () => {
    client.ring(bob, { video: true })
    expect(calls.state.incoming).toMatchObject([{ name: bob.displayName, video: true, answering: false }])
    await calls.decline('invite-bob@northwind')
    expect(calls.state.incoming).toEqual([])
    expect(notices.state).toEqual([])
  })

  test('accepted in a call leaves the one before', async () => {
    const former = client.enter({ others: [bob] })
    const leave = vi.spyOn(former, 'leave')
    client.ring(carol, { video: false })
    await calls.accept('invite-carol@northwind', { video: false })
    expect(leave).toHaveBeenCalledOnce()
    expect(controller().state.others).toMatchObject([{ username: carol.username }])
    expect(calls.state.incoming).toEqual([])
  })

  test('is accepted once, however often it is pressed', async () => {
    client.ring(bob, { video: false })
    const invite = [...client.invites.values()][0]
    const accept = vi.spyOn(invite ?? { accept: async () => undefined }, 'accept')
    await Promise.all([calls.accept('invite-bob@northwind', { video: false }), calls.accept('invite-bob@northwind', { video: false })])
    expect(accept).toHaveBeenCalledOnce()
  })
})

describe('a call that is over', () => {
  test.each([
    ['lastParticipant', [bob], 'ended.lastParticipant', 'ended'],
    ['lastParticipant', [bob, carol], 'ended.everybodyLeft', 'ended'],
    ['kicked', [bob, carol], 'ended.kicked', 'ended'],
    ['ended', [bob, carol], 'ended.ended', 'ended'],
    ['connectionLost', [bob], 'ended.connectionLost', 'failed'],
    ['replaced', [bob], 'ended.replaced', 'ended'],
  ] as const)('for %s with %j says so', (reason, others, message, tone) => {
    client.end(client.enter({ others: [...others] }), reason)
    expect(summary()).toMatchObject({ reason: message, tone, names: others.map(({ displayName }) => displayName) })
    expect(summary().durationMs).toBeGreaterThanOrEqual(0)
  })

  test('can be made again with the only other party, also after a reload', () => {
    client.end(client.enter({ others: [bob] }), 'lastParticipant')
    expect(summary().again).toEqual({ kind: 'dial', to: bob.username, video: false })
  })

  test('and was a conference is joined again', () => {
    client.end(client.enter({ kind: 'conference', others: [bob, carol, dave] }), 'left')
    expect(summary().again).toMatchObject({ kind: 'join', roomId: expect.stringMatching(/^wac-conf\d{20}$/u) })
  })

  test('cancelled while it rang says so', () => {
    client.end(client.enter({ state: 'ringing', ringing: [bob] }), 'left')
    expect(summary()).toMatchObject({ reason: 'ended.cancelled', tone: 'ended', durationMs: null })
  })

  test('by the end of the session leaves nothing', () => {
    client.enter({ others: [bob] })
    client.ring(carol, { video: false })
    client.emit('sessionEnded', { reason: 'unauthenticated' })
    expect(calls.state).toEqual({ phase: { kind: 'idle' }, incoming: [] })
  })
})

describe('in a call', () => {
  test('who comes third and who leaves is told, who was called is not', async () => {
    const call = client.enter({ others: [bob, carol] })
    await call.kick('p-carol')
    expect(notices.state.map(({ message, values }) => [message, values])).toEqual([['notice.kicked', { name: carol.displayName }]])
    expect(controller().state.others).toHaveLength(1)
  })

  test('muting oneself is no news, being muted is', async () => {
    const call = client.enter({ others: [bob] })
    await controller().toggleMicrophone()
    expect(controller().state.me.tracks.microphone?.muted).toBe(true)
    expect(notices.state).toEqual([])
    await controller().toggleMicrophone()
    call.muteByHost()
    expect(notices.state).toMatchObject([{ message: 'notice.mutedByHost' }])
  })

  test('a device that is refused is told where it can be tried again', async () => {
    const call = client.enter({ others: [bob], me: { ...alice } })
    call.refuseDevices('deviceNotFound')
    await controller().toggleCamera()
    expect(controller().state).toMatchObject({ refusals: { camera: 'deviceNotFound' }, pending: [] })
    call.refuseDevices(null)
    await controller().switchDevice('microphone', 'mic-2')
    expect(controller().state.refusals).toEqual({ camera: 'deviceNotFound' })
  })
})
