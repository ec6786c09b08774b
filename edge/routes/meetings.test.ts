import { beforeAll, describe, expect, it, vi } from 'vitest'
import { type MeetingView, meetingSchema } from '#shared/protocol/sapi/meetings.ts'
import { adminToken, call, createDomain, createUser, env, expectJson, expectProblem, origin, requestToken, tokenOf } from './testing/api.ts'
import { body, create, gatherPeople, linkOf, names, path, people, post, services, validSince, validUntil } from './testing/meetings.ts'

beforeAll(gatherPeople)

describe('a meeting', () => {
  it('is answered as it is stored, with a link that carries a key of its own', async () => {
    const response = await post({
      ...body,
      users: [people.bob.id, people.carol.id, people.bob.id],
      participants: ['guest@example.com', '+34600111222'],
      language: 'es',
    })
    const meeting = meetingSchema.strict().parse(await expectJson(response, 201))
    expect(response.headers.get('location')).toBe(`/sapi/meetings/${meeting.id}`)
    expect(meeting).toMatchObject({
      uri: `wac-meeting:${meeting.id}`,
      name: 'Weekly',
      user: people.alice.id,
      users: [people.bob.id, people.carol.id],
      participants: ['guest@example.com', '+34600111222'],
      language: 'es',
      validSince,
      validUntil,
      ddi: null,
    })
    const url = new URL(meeting.url)
    expect([url.origin, url.pathname]).toEqual([origin, '/'])
    const { key = '', ...rest } = linkOf(meeting) ?? {}
    expect(rest).toEqual({ meetingId: meeting.id, domain: 'acme.test' })
    expect(key).toMatch(/^[\w-]{22}$/)
    expect(linkOf(await create())?.key).not.toBe(key)
    expect(linkOf(await create({}, people.eve.token)), 'a domain that takes no visitors').toEqual({
      meetingId: expect.any(String),
      key: expect.any(String),
    })
    expect(await expectJson(await call(path(meeting), { token: people.alice.token }), 200)).toEqual(meeting)
    const stored = await env.DB.prepare('select * from meetings where id = ?').bind(meeting.id).first()
    expect(JSON.stringify(stored)).not.toContain(key)
  })

  it('takes instants as ISO 8601 too, and answers milliseconds', async () => {
    const meeting = await create({ validSince: '2031-05-04T11:00:00+02:00', validUntil: '2031-05-04T10:00:00Z' })
    expect(meeting).toMatchObject({ validSince, validUntil })
  })

  it.each([
    { name: '' },
    { name: 'x'.repeat(129) },
    { validUntil: validSince },
    { validSince: validUntil, validUntil: validSince },
    { validSince: 'tomorrow' },
    { validSince: -1 },
    { validSince: null },
    { validUntil: '2031-05-04T10:00:00' },
    { participants: ['nobody'] },
    { participants: ['0034'] },
    { language: 'not a language' },
    { users: [''] },
    { users: 'all' },
  ])('is refused with %j', async (fields) => {
    await expectProblem(await post({ ...body, ...fields }), 400, 'invalidRequest')
  })

  it('invites users of its own domain only: others are as unknown as nobody', async () => {
    const unknown = [people.eve.id, 'nobody']
    const problem = await expectProblem(await post({ ...body, users: [people.bob.id, ...unknown] }), 404, 'notFound')
    expect(problem['context']).toEqual({ users: unknown })
    await create({ users: [people.bob.id] })
  })

  it('may invite two hundred at once', async () => {
    const inserted = Array.from({ length: 199 }, (_, index) => `crowd-${index}`)
    await env.DB.prepare(
      `insert into users (id, domain_id, username, email, role, capabilities, mobile_phone, land_line_number, alias, search, disabled, has_hub, created_at)
       select value, u.domain_id, value, '', 'user', '[]', '[]', '', '', '', 0, 0, 0 from json_each(?), users u where u.id = ?`,
    )
      .bind(JSON.stringify(inserted), people.alice.id)
      .run()
    const meeting = await create({ users: [people.bob.id, ...inserted] })
    expect(meeting.users).toEqual([people.bob.id, ...inserted])
    expect(await expectJson(await call(path(meeting), { token: people.alice.token }), 200)).toEqual(meeting)
    await expectProblem(await post({ ...body, users: [...inserted, people.bob.id, people.carol.id] }), 400, 'invalidRequest')
  })
})

describe('to create one', () => {
  it('needs the capability, which none needs to be invited', async () => {
    await createUser('acme.test', 'dan', { capabilities: ['-meetings'] })
    const token = await tokenOf('dan@acme.test')
    expect((await expectProblem(await post(body, token), 403, 'forbidden'))['context']).toEqual({ capability: 'meetings' })
    expect(await names('', token)).toEqual([])
  })

  it('needs the service, and to be somebody', async () => {
    await createDomain('plain.test')
    await createUser('plain.test', 'paul')
    const token = await tokenOf('paul@plain.test')
    await expectProblem(await post(body, token), 403, 'serviceNotEnabled')
    await expectProblem(await call('/sapi/meetings', { token }), 403, 'serviceNotEnabled')
    const visitor = await expectJson<{ access_token: string }>(await requestToken({ grant_type: 'anonymous', username: '@acme.test' }), 200)
    await expectProblem(await post(body, visitor.access_token), 403, 'forbidden')
    expect(await names('', visitor.access_token)).toEqual([])
    await expectProblem(await call('/sapi/meetings', { json: body }), 401, 'unauthenticated')
  })
})

describe('one that exists', () => {
  it('is read by those whom it concerns, and unknown to all others', async () => {
    const meeting = await create({ users: [people.bob.id] })
    for (const { token } of [people.alice, people.bob, people.boss]) {
      expect(await expectJson(await call(path(meeting), { token }), 200)).toEqual(meeting)
    }
    expect(await expectJson(await call(path(meeting), { token: await adminToken() }), 200)).toEqual(meeting)
    for (const { token } of [people.carol, people.eve, people.chief]) {
      await expectProblem(await call(path(meeting), { token }), 404, 'notFound')
      await expectProblem(await call(path(meeting), { method: 'DELETE', token }), 404, 'notFound')
      await expectProblem(await call(path(meeting), { method: 'PUT', json: body, token }), 404, 'notFound')
      await expectProblem(await call(path(meeting), { method: 'PATCH', json: {}, token }), 404, 'notFound')
    }
    await expectProblem(await call('/sapi/meetings/nothing', { token: people.alice.token }), 404, 'notFound')
  })

  it('is changed by its creator and by admins, not by who is invited; its link stays', async () => {
    const meeting = await create({ users: [people.bob.id], participants: ['a@example.com'], language: 'es' })
    for (const method of ['PUT', 'PATCH', 'DELETE']) {
      await expectProblem(await call(path(meeting), { method, json: body, token: people.bob.token }), 403, 'forbidden')
    }
    const patch = { name: 'Monthly', validUntil: validUntil + 1000 }
    const patched = await expectJson(await call(path(meeting), { method: 'PATCH', json: patch, token: people.boss.token }), 200)
    expect(patched).toEqual({ ...meeting, ...patch })
    const put = { ...body, users: [people.carol.id] }
    const replaced = await expectJson(await call(path(meeting), { method: 'PUT', json: put, token: people.alice.token }), 200)
    expect(replaced).toEqual({ ...meeting, ...put, participants: [], language: 'en' })
    await expectProblem(await call(path(meeting), { token: people.bob.token }), 404, 'notFound')
    const late = { validSince: validUntil + 5000 }
    await expectProblem(await call(path(meeting), { method: 'PATCH', json: late, token: people.alice.token }), 400, 'invalidRequest')
    await expectProblem(
      await call(path(meeting), { method: 'PATCH', json: { users: [people.eve.id] }, token: people.alice.token }),
      404,
      'notFound',
    )
    expect(await expectJson(await call(path(meeting), { token: people.alice.token }), 200)).toEqual(replaced)
  })

  it('is not changed over what another has changed', async () => {
    const meeting = await create()
    const { token } = people.alice
    const first = (await call(path(meeting), { token })).headers.get('etag') ?? ''
    const patch = (json: unknown) => call(path(meeting), { method: 'PATCH', json, token, headers: { 'if-match': first } })
    await expectJson(await patch({ name: 'One' }), 200)
    await expectProblem(await patch({ name: 'Two' }), 412, 'preconditionFailed')
    await expectProblem(await call(path(meeting), { method: 'DELETE', token, headers: { 'if-match': first } }), 412, 'preconditionFailed')
  })

  it('is deleted for good', async () => {
    const meeting = await create({ users: [people.bob.id] })
    expect((await call(path(meeting), { method: 'DELETE', token: people.alice.token })).status).toBe(204)
    await expectProblem(await call(path(meeting), { token: people.alice.token }), 404, 'notFound')
    expect(await env.DB.prepare('select * from meeting_users where meeting_id = ?').bind(meeting.id).first()).toBeNull()
  })

  it('tells of its making, changing and end', async () => {
    const { token, id: userId } = people.alice
    const told: unknown[] = []
    const meeting = await create()
    // What was noted is forgotten once it is handed over, but for the last of each domain.
    const listen = async () => {
      const { results } = await env.DB.prepare(`select type, data from outgoing_events where data like ? order by seq desc limit 1`)
        .bind(`%${meeting.id}%`)
        .all<{ type: string; data: string }>()
      told.push(...results.map(({ type, data }) => [type, JSON.parse(data)]))
    }
    await listen()
    await call(path(meeting), { method: 'PATCH', json: { validSince: validSince + 1 }, token })
    await listen()
    await call(path(meeting), { method: 'DELETE', token })
    await listen()
    const data = { meetingId: meeting.id, userId, validUntil }
    expect(told).toEqual([
      ['meeting.created', { ...data, validSince }],
      ['meeting.updated', { ...data, validSince: validSince + 1 }],
      ['meeting.deleted', { ...data, validSince: validSince + 1 }],
    ])
  })
})

describe('dial-in', () => {
  const extension = '+34999999999'

  it('gives another PIN where a meeting on the number has it already, in whichever domain', async () => {
    const settings = (pstnExtension: string) => ({ meetings: { pstnExtension } })
    await createDomain('pin-a.test', { services, settings: settings('100') })
    await createDomain('pin-b.test', { services, settings: settings('100') })
    await createDomain('pin-c.test', { services, settings: settings('200') })
    const tokens: string[] = []
    for (const domain of ['pin-a.test', 'pin-b.test', 'pin-c.test']) {
      await createUser(domain, 'pia')
      tokens.push(await tokenOf(`pia@${domain}`))
    }
    const draws = [5, 5, 5, 6, 5]
    const random = crypto.getRandomValues.bind(crypto)
    const spy = vi.spyOn(crypto, 'getRandomValues').mockImplementation((array) => {
      if (!(array instanceof Uint32Array)) return random(array)
      array[0] = draws.shift() ?? 7
      return array
    })
    const pins: unknown[] = []
    for (const token of tokens) pins.push((await create({}, token)).ddi?.pin)
    spy.mockRestore()
    expect(pins).toEqual(['00000005', '00000006', '00000005'])
    expect(draws).toEqual([])
  })

  it('gives each meeting a PIN of its own on the number that its domain has', async () => {
    const settings = { meetings: { pstnExtension: extension, linkHost: 'https://meet.example/' } }
    for (const [name, user] of [
      ['dial-a.test', 'ann'],
      ['dial-b.test', 'ben'],
    ] as const) {
      await createDomain(name, { services, settings })
      await createUser(name, user)
    }
    const [ann, ben] = [await tokenOf('ann@dial-a.test'), await tokenOf('ben@dial-b.test')]
    const meetings = [await create({}, ann), await create({}, ann), await create({}, ben)]
    for (const { ddi, url } of meetings) {
      expect(ddi).toEqual({ extension, pin: expect.stringMatching(/^\d{8}$/) })
      expect(url).toMatch(/^https:\/\/meet\.example\/\?room=/)
    }
    expect(new Set(meetings.map(({ ddi }) => ddi?.pin)).size).toBe(3)
    const [first] = meetings
    const changed = await expectJson<MeetingView>(
      await call(path(meetings[0] ?? { id: '' }), { method: 'PUT', json: body, token: ann }),
      200,
    )
    expect(changed.ddi).toEqual(first?.ddi)
    const stored = await env.DB.prepare('select pin, pin_hash from meetings where id = ?').bind(first?.id).first()
    expect(JSON.stringify(stored)).not.toContain(first?.ddi?.pin)
  })
})
