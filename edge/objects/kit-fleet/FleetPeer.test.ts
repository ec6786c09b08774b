import { afterEach, describe, expect, expectTypeOf, it, vi } from 'vitest'
import { z } from 'zod'
import { AppError } from '#shared/errors/AppError.ts'
import { procedure } from '#shared/protocol/fleet/frames.ts'
import { maxFleetMessageBytes } from '#shared/protocol/limits.ts'
import { FleetPeer } from './FleetPeer.ts'

const procedures = {
  double: procedure(z.object({ n: z.number() }), z.object({ twice: z.number() })),
  ping: procedure(z.object({}), z.object({})),
} as const
const notifications = { level: z.object({ volume: z.number() }), gone: z.object({}) } as const

const sentSchema = z.object({
  id: z.number(),
  method: z.string().optional(),
  params: z.unknown().optional(),
  error: z.unknown().optional(),
})

function link() {
  const sent: z.infer<typeof sentSchema>[] = []
  const peer = new FleetPeer({ send: (frame) => sent.push(sentSchema.parse(JSON.parse(frame))), procedures, notifications })
  return { peer, sent }
}

/** The code that a promise fails with. */
const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'resolved',
    (error: unknown) => (error instanceof AppError ? error.code : error),
  )

afterEach(() => vi.useRealTimers())

describe('FleetPeer', () => {
  it('gives each caller the answer to its own question, whatever the order', async () => {
    const { peer, sent } = link()
    const [one, two] = [peer.call('double', { n: 1 }), peer.call('double', { n: 2 })]
    expectTypeOf(one).toEqualTypeOf<Promise<{ twice: number }>>()
    expect(sent.map(({ method, params }) => ({ method, params }))).toEqual([
      { method: 'double', params: { n: 1 } },
      { method: 'double', params: { n: 2 } },
    ])
    expect(peer.handle(JSON.stringify({ id: sent[1]?.id, result: { twice: 4 } }))).toEqual({ kind: 'answer' })
    expect(peer.handle(JSON.stringify({ id: sent[0]?.id, result: { twice: 2 } }))).toEqual({ kind: 'answer' })
    expect(await Promise.all([one, two])).toEqual([{ twice: 2 }, { twice: 4 }])
    expect(peer.pending).toBe(0)
  })

  it('rejects with the code and context that the far side answered', async () => {
    const { peer, sent } = link()
    const call = peer.call('ping', {})
    peer.handle(JSON.stringify({ id: sent[0]?.id, error: { code: 'staleEpoch', message: 'old', context: { highest: 4 } } }))
    await expect(call).rejects.toMatchObject({ code: 'staleEpoch', context: { highest: 4 } })
  })

  it('turns a code that it does not know and an answer of another shape into `internal`', async () => {
    const { peer, sent } = link()
    const calls = [peer.call('ping', {}), peer.call('double', { n: 1 })].map(codeOf)
    peer.handle(JSON.stringify({ id: sent[0]?.id, error: { code: 'melted', message: 'x' } }))
    peer.handle(JSON.stringify({ id: sent[1]?.id, result: { twice: '2' } }))
    expect(await Promise.all(calls)).toEqual(['internal', 'internal'])
  })

  it('gives up after the time allowed and ignores the late answer', async () => {
    vi.useFakeTimers()
    const { peer, sent } = link()
    const patient = codeOf(peer.call('ping', {}))
    const hasty = codeOf(peer.call('ping', {}, { timeoutMs: 100 }))
    await vi.advanceTimersByTimeAsync(100)
    expect(await hasty).toBe('timeout')
    expect(peer.pending).toBe(1)
    expect(peer.handle(JSON.stringify({ id: sent[1]?.id, result: {} }))).toEqual({ kind: 'ignored', reason: 'unknownAnswer' })
    await vi.advanceTimersByTimeAsync(5000)
    expect(await patient).toBe('timeout')
    expect(vi.getTimerCount()).toBe(0)
  })

  it('fails open and later questions when the socket is gone, and stays failed with the first reason', async () => {
    const { peer, sent } = link()
    const open = codeOf(peer.call('ping', {}))
    peer.failAll(new AppError('unavailable'))
    peer.failAll(new AppError('internal'))
    expect(await open).toBe('unavailable')
    expect(await codeOf(peer.call('ping', {}))).toBe('unavailable')
    expect(sent).toHaveLength(1)
  })

  it('reports a socket that cannot send as unavailable', async () => {
    const peer = new FleetPeer({
      send: () => {
        throw new TypeError('closed')
      },
      procedures,
      notifications,
    })
    expect(await codeOf(peer.call('ping', {}))).toBe('unavailable')
    expect(peer.pending).toBe(0)
    expect(peer.handle(JSON.stringify({ id: 1, method: 'x', params: {} })).kind).toBe('ignored')
  })

  it('parses notifications and tells them apart by name', () => {
    const { peer } = link()
    const incoming = peer.handle(JSON.stringify({ notify: 'level', params: { volume: 3, more: true } }))
    expect(incoming).toEqual({ kind: 'notification', name: 'level', body: { volume: 3 } })
    if (incoming.kind === 'notification' && incoming.name === 'level') expectTypeOf(incoming.body).toEqualTypeOf<{ volume: number }>()
    expect(peer.handle(JSON.stringify({ notify: 'newer', params: {} }))).toEqual({
      kind: 'ignored',
      reason: 'unknownNotification',
      name: 'newer',
    })
    expect(peer.handle(JSON.stringify({ notify: 'toString', params: {} })).kind).toBe('ignored')
  })

  it('refuses questions of the far side with a typed error', () => {
    const { peer, sent } = link()
    expect(peer.handle(JSON.stringify({ id: 7, method: 'takeOver', params: {} }))).toEqual({
      kind: 'ignored',
      reason: 'question',
      name: 'takeOver',
    })
    expect(sent).toEqual([{ id: 7, error: { code: 'unsupportedMethod', message: expect.any(String) } }])
  })

  it.each([
    ['not JSON', '{', 'malformedMessage'],
    ['no object', '[]', 'malformedMessage'],
    ['an id and nothing else', '{"id":1}', 'malformedMessage'],
    ['a negative id', '{"id":-1,"result":{}}', 'malformedMessage'],
    ['binary', new ArrayBuffer(4), 'malformedMessage'],
    ['a notification of the wrong shape', '{"notify":"level","params":{"volume":"loud"}}', 'invalidRequest'],
    [
      'more than the limit in ASCII',
      JSON.stringify({ notify: 'gone', params: { x: 'a'.repeat(maxFleetMessageBytes) } }),
      'payloadTooLarge',
    ],
    [
      'more than the limit in UTF-8 only',
      JSON.stringify({ notify: 'gone', params: { x: '€'.repeat(maxFleetMessageBytes / 2) } }),
      'payloadTooLarge',
    ],
  ])('says what is wrong with a frame: %s', (_what, frame, code) => {
    const { peer } = link()
    const open = peer.call('ping', {})
    const incoming = peer.handle(frame)
    expect(incoming).toMatchObject({ kind: 'rejected', error: { code } })
    expect(peer.pending).toBe(1)
    open.catch(() => undefined)
    peer.failAll(new AppError('unavailable'))
  })
})
