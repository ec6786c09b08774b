import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type MeetingView, meetingSchema } from '#shared/protocol/sapi/meetings.ts'
import { type Grant, RingwayClient } from '#shared/sdk/index.ts'
import { Rest } from '#test/support/Rest.ts'
import { type Stack, startStack } from '#test/support/stack.ts'

/** Meetings of a whole Ringway, joined with the SDK in Node over each way to talk to it (MEET-1). */

let stack: Stack
let admin: Rest
let alice: Rest

const hour = 3_600_000

beforeAll(async () => {
  stack = await startStack()
  admin = await Rest.signIn(stack.url, { username: stack.admin.account, password: stack.admin.password })
  alice = await Rest.signIn(stack.url, { username: 'alice', password: 'ringway-demo' })
  await admin.send('PATCH', `/sapi/domains/${await admin.idOf('/sapi/domains?domain=default')}`, { enableAnonymous: true })
})

afterAll(async () => {
  await stack?.stop()
})

async function meet(fields: Record<string, unknown> = {}): Promise<MeetingView> {
  const now = Date.now()
  const body = {
    name: 'Weekly',
    users: [await admin.idOf('/sapi/users?username=bob')],
    validSince: now - hour,
    validUntil: now + hour,
    ...fields,
  }
  return meetingSchema.parse(await alice.send('POST', '/sapi/meetings', body))
}

const addressOf = ({ url }: MeetingView): string => new URL(url).searchParams.get('room') ?? ''

describe.each(['websocket', 'http'] as const)('over %s', (transport) => {
  async function signedIn(grant: Grant): Promise<RingwayClient> {
    const client = new RingwayClient({ url: stack.url, transport })
    await client.login(grant)
    return client
  }

  const person = (username: string) => signedIn({ grantType: 'password', username, password: 'ringway-demo' })

  test('its users join by its id, a visitor by its link, and nobody else; each sees who is in', async () => {
    const meeting = await meet()
    const clients = [
      await person('bob'),
      await signedIn({ grantType: 'anonymous', domain: 'default' }),
      await person('alice'),
      await person('carol'),
    ]
    const [bob, visitor, creator, carol] = clients
    await expect(carol?.joinRoom(meeting.uri, { audio: false })).rejects.toMatchObject({ code: 'roomNotFound' })
    await expect(visitor?.joinRoom(meeting.uri, { audio: false })).rejects.toMatchObject({ code: 'roomNotFound' })
    const first = await bob?.joinRoom(meeting.uri, { audio: false })
    expect([first?.id, first?.kind, first?.isOwner]).toEqual([meeting.uri, 'conference', true])
    const guest = await visitor?.joinRoom(addressOf(meeting), { audio: false })
    expect(guest?.id).toBe(meeting.uri)
    const host = await creator?.joinRoom(meeting.uri, { audio: false })
    const names = () => [...(first?.participants.values() ?? [])].map(({ username, owner }) => [username.replace(/-\w+/, ''), owner])
    await expect.poll(names, { timeout: 20_000 }).toEqual([
      ['bob@default', false],
      ['anonymous@default', false],
      ['alice@default', true],
    ])
    expect([first?.isOwner, host?.isOwner]).toEqual([false, true])
    // The room's own ticket brings back who is in, whatever becomes of the meeting.
    await alice.send('DELETE', `/sapi/meetings/${meeting.id}`)
    await expect(carol?.joinRoom(addressOf(meeting), { audio: false })).rejects.toMatchObject({ code: 'roomNotFound' })
    await host?.lock()
    await expect.poll(() => guest?.locked, { timeout: 20_000 }).toBe(true)
    await Promise.all(clients.map((client) => client.logout()))
  })

  test('says when its door opens or was shut, to those whom it concerns', async () => {
    const now = Date.now()
    const [bob, carol] = [await person('bob'), await person('carol')]
    const later = await meet({ validSince: now + hour, validUntil: now + 2 * hour })
    const over = await meet({ validSince: now - 2 * hour, validUntil: now - hour })
    for (const [meeting, code] of [
      [later, 'meetingNotStarted'],
      [over, 'meetingEnded'],
    ] as const) {
      const context = { validSince: meeting.validSince, validUntil: meeting.validUntil }
      await expect(bob.joinRoom(meeting.uri, { audio: false })).rejects.toMatchObject({ code, context })
      await expect(carol.joinRoom(meeting.uri, { audio: false })).rejects.toMatchObject({ code: 'roomNotFound', context: {} })
    }
    await Promise.all([bob.logout(), carol.logout()])
  })
})
