import { beforeEach, describe, expect, it } from 'vitest'
import { defaultSettings } from '#shared/protocol/settings.ts'
import { call, createDomain, createUser, env, expectJson, expectProblem, type Made, startAnew, tokenOf } from './testing/api.ts'

let alice: string
let user: Made

const services = { login: [], usersettings: [] }

beforeEach(async () => {
  await startAnew()
  await createDomain('a', { services, settings: { rooms: { participantsLimit: 7 } } })
  user = await createUser('a', 'alice')
  await createUser('a', 'bob')
  alice = await tokenOf('alice@a')
})

const send = async (method: 'PUT' | 'PATCH', json: unknown, headers: Record<string, string> = {}) =>
  call('/sapi/settings', { method, json, headers, token: alice })

describe('settings', () => {
  it('are an object for their user alone, empty at first', async () => {
    expect(await expectJson(await call('/sapi/settings', { token: alice }), 200)).toEqual({})
    const settings = { theme: 'dark', tones: { ring: 'bell', volume: 3 }, list: [1, null, 'x'] }
    expect(await expectJson(await send('PUT', settings), 200)).toEqual(settings)
    expect(await expectJson(await call('/wac/sapi/settings/', { token: alice }), 200)).toEqual(settings)
    expect(await expectJson(await call('/sapi/settings', { token: await tokenOf('bob@a') }), 200)).toEqual({})
  })

  it('are merged by a patch, in which null takes away', async () => {
    await send('PUT', { theme: 'dark', tones: { ring: 'bell', volume: 3 } })
    expect(await expectJson(await send('PATCH', { theme: null, tones: { volume: 5 }, size: 'l' }), 200)).toEqual({
      tones: { ring: 'bell', volume: 5 },
      size: 'l',
    })
  })

  it('are changed only as they are known', async () => {
    const empty = (await call('/sapi/settings', { token: alice })).headers.get('etag') ?? ''
    const response = await send('PUT', { a: 1 }, { 'if-match': empty })
    const etag = response.headers.get('etag') ?? ''
    await expectProblem(await send('PUT', { a: 2 }, { 'if-match': empty }), 412, 'preconditionFailed')
    expect(await expectJson(await send('PATCH', { b: 2 }, { 'if-match': etag }), 200)).toEqual({ a: 1, b: 2 })
    expect((await call('/sapi/settings', { token: alice, headers: { 'if-none-match': etag } })).status).toBe(200)
  })

  it('of two at once lose neither', async () => {
    const answers = await Promise.all(['a', 'b', 'c', 'd'].map((name) => send('PATCH', { [name]: 1 })))
    const kept = Object.keys(await expectJson(await call('/sapi/settings', { token: alice }), 200))
    expect(kept).toHaveLength(answers.filter(({ status }) => status === 200).length)
    expect(answers.every(({ status }) => status === 200 || status === 409)).toBe(true)
  })

  it('are 64 KiB at most, however they got there', async () => {
    const half = 'x'.repeat(40 * 1024)
    await expectJson(await send('PUT', { a: half }), 200)
    const problem = await expectProblem(await send('PATCH', { b: half }), 413, 'payloadTooLarge')
    expect(problem['context']).toEqual({ limit: 65_536 })
    await expectProblem(await send('PUT', { a: 'ü'.repeat(33 * 1024) }), 413, 'payloadTooLarge')
    expect(Object.keys(await expectJson(await call('/sapi/settings', { token: alice }), 200))).toEqual(['a'])
  })

  it.each([[[]], ['text'], [7], [null]])('are not %j', async (json) => {
    await expectProblem(await send('PUT', json), 400, 'invalidRequest')
  })

  it('need their service and capability', async () => {
    await createDomain('bare', { services: { login: [] } })
    await createUser('bare', 'zoe')
    await expectProblem(await call('/sapi/settings', { token: await tokenOf('zoe@bare') }), 403, 'serviceNotEnabled')
    await createUser('a', 'held', { capabilities: ['-settings'] })
    await expectProblem(await call('/sapi/settings', { token: await tokenOf('held@a') }), 403, 'forbidden')
  })

  it('go with their user', async () => {
    await send('PUT', { a: 1 })
    await createUser('a', 'boss', { role: 'admin' })
    await expectJson(await call(`/sapi/users/${user.id}`, { method: 'DELETE', token: await tokenOf('boss@a') }), 200)
    expect(await env.DB.prepare('select count(*) as n from user_settings').first('n')).toBe(0)
  })
})

it('the settings of a domain are told as they hold for it, without those of logins and quotas', async () => {
  const { logins: _, quotas: __, ...rest } = defaultSettings
  const expected = { ...rest, rooms: { ...rest.rooms, participantsLimit: 7 } }
  expect(await expectJson(await call('/sapi/settings/domain', { token: alice }), 200)).toEqual(expected)
})
