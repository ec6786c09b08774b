import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, expectTypeOf, it } from 'vitest'
import { type WebSocket as ServerSocket, WebSocketServer } from 'ws'
import { z } from 'zod'
import { AppError } from '#shared/errors/AppError.ts'
import { procedure } from '#shared/protocol/fleet/frames.ts'
import { eventually, recordingLogger } from '../testing/media-kit.ts'
import { dial, handshakeStatus } from './dial.ts'
import { FleetLink, type LinkEnd } from './FleetLink.ts'

const contract = {
  serves: {
    double: procedure(z.object({ n: z.number() }), z.object({ twice: z.number() })),
    lie: procedure(z.object({}), z.object({ truth: z.number() })),
  },
  asks: { half: procedure(z.object({ n: z.number() }), z.object({ half: z.number() })) },
  sends: { level: z.object({ volume: z.number() }) },
  hears: { hush: z.object({ until: z.number() }), crash: z.object({}) },
} as const

let server: WebSocketServer
let far: ServerSocket
let link: FleetLink<typeof contract>
let log: ReturnType<typeof recordingLogger>
const hushes: number[] = []

const signal = new AbortController().signal
const target = () => {
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new TypeError('Not listening')
  return { url: new URL(`ws://127.0.0.1:${address.port}/`), protocols: ['ringway.fleet.v1'] }
}

const createLink = (socket: WebSocket): FleetLink<typeof contract> =>
  FleetLink.create(socket, {
    contract,
    handlers: {
      double: async ({ n }) => {
        if (n < 0) throw new AppError('mediaRejected', { context: { n }, cause: new Error('10.0.0.7 is secret') })
        if (n > 100) throw new Error('10.0.0.7 is secret')
        return { twice: n * 2 }
      },
      lie: async () => JSON.parse('{"truth":"no"}') as { truth: number },
    },
    listeners: {
      hush: ({ until }) => hushes.push(until),
      crash: () => {
        throw new Error('listener')
      },
    },
    logger: log.logger,
    requestTimeoutMs: 200,
    keepAliveMs: 60_000,
  })

beforeEach(async () => {
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
  const accepted = new Promise<ServerSocket>((resolve) => server.once('connection', resolve))
  log = recordingLogger()
  hushes.length = 0
  const { used } = await dial(target(), { signal, use: createLink })
  link = used
  far = await accepted
})

afterEach(async () => {
  link.close()
  for (const client of server.clients) client.terminate()
  await new Promise<void>((resolve) => server.close(() => resolve()))
})

/** The next frame that the far side gets. */
async function heard(): Promise<unknown> {
  const [data] = (await once(far, 'message')) as [Buffer]
  return JSON.parse(data.toString())
}

async function exchange(frame: string): Promise<unknown> {
  const answer = heard()
  far.send(frame)
  return answer
}

describe('questions of the far side', () => {
  it('are answered', async () => {
    expect(await exchange('{"id":1,"method":"double","params":{"n":4}}')).toEqual({ id: 1, result: { twice: 8 } })
  })

  it.each([
    ['a refusal, with its context', 'double', { n: -1 }, 'mediaRejected', { n: -1 }],
    ['a fault, with nothing of it', 'double', { n: 101 }, 'internal', {}],
    ['an answer of the wrong shape', 'lie', {}, 'internal', {}],
    ['an unknown method', 'triple', {}, 'unsupportedMethod', { method: 'triple' }],
    ['a method of Object', 'constructor', {}, 'unsupportedMethod', { method: 'constructor' }],
  ])('are answered with an error: %s', async (_what, method, params, code, context) => {
    const answer = await exchange(JSON.stringify({ id: 2, method, params }))
    expect(answer).toEqual({ id: 2, error: { code, message: expect.any(String), context } })
    expect(JSON.stringify(answer)).not.toContain('10.0.0.7')
  })

  it('of the wrong shape are refused with what is wrong', async () => {
    const answer = await exchange('{"id":3,"method":"double","params":{"n":"4"}}')
    expect(answer).toMatchObject({ id: 3, error: { code: 'invalidRequest', context: { issues: [{ path: 'n' }] } } })
  })

  it('log a fault with its cause', async () => {
    await exchange('{"id":4,"method":"double","params":{"n":101}}')
    expect(log.records).toMatchObject([{ level: 'error', event: 'link.requestFailed', method: 'double' }])
  })
})

describe('questions to the far side', () => {
  it('resolve to the parsed answer, each to its own', async () => {
    far.on('message', (data: Buffer) => {
      const { id, params } = JSON.parse(data.toString()) as { id: number; params: { n: number } }
      setTimeout(() => far.send(JSON.stringify({ id, result: { half: params.n / 2, more: true } })), 20 - params.n)
    })
    const answers = Promise.all([link.request('half', { n: 2 }), link.request('half', { n: 8 })])
    const [one, four] = await answers
    expectTypeOf(one).toEqualTypeOf<{ half: number }>()
    expect([one, four]).toEqual([{ half: 1 }, { half: 4 }])
  })

  it.each([
    [
      'an error that it knows',
      { error: { code: 'roomEnded', message: 'x', context: { since: 1 } } },
      { code: 'roomEnded', context: { since: 1 } },
    ],
    ['an error that it does not know', { error: { code: 'melted', message: 'x' } }, { code: 'internal' }],
    ['an answer of the wrong shape', { result: { half: 'a' } }, { code: 'internal' }],
  ])('reject with %s', async (_what, answer, error) => {
    far.once('message', (data: Buffer) => {
      const { id } = JSON.parse(data.toString()) as { id: number }
      far.send(JSON.stringify({ id, ...answer }))
    })
    await expect(link.request('half', { n: 2 })).rejects.toMatchObject(error)
  })

  it('time out, each after its own time', async () => {
    await expect(link.request('half', { n: 2 }, { timeoutMs: 5 })).rejects.toMatchObject({ code: 'timeout' })
    await expect(link.request('half', { n: 2 })).rejects.toMatchObject({ code: 'timeout' })
  })

  it('fail when the link ends, open ones and later ones', async () => {
    const open = link.request('half', { n: 2 })
    far.terminate()
    await expect(open).rejects.toMatchObject({ code: 'unavailable' })
    await expect(link.request('half', { n: 2 })).rejects.toMatchObject({ code: 'unavailable' })
  })
})

describe('notifications', () => {
  it('are sent, and heard in order', async () => {
    const frame = heard()
    link.notify('level', { volume: 3 })
    expect(await frame).toEqual({ notify: 'level', params: { volume: 3 } })
    for (const until of [1, 2]) far.send(JSON.stringify({ notify: 'hush', params: { until } }))
    await exchange('{"id":1,"method":"double","params":{"n":4}}')
    expect(hushes).toEqual([1, 2])
  })

  it('that are unknown, wrong or make the listener throw end nothing', async () => {
    for (const [notify, params] of Object.entries({ newer: {}, hush: { until: 'x' }, crash: {} }))
      far.send(JSON.stringify({ notify, params }))
    await exchange('{"id":1,"method":"double","params":{"n":4}}')
    expect(log.records.map(({ event }) => event)).toEqual(['link.unknownNotification', 'link.badNotification', 'link.listenerFailed'])
  })
})

describe('the end', () => {
  const ended = (): Promise<LinkEnd> => link.ended

  it('comes once, with the code of the side that closes', async () => {
    far.close(4409)
    expect(await ended()).toEqual({ cause: 'closedThere', code: 4409 })
    link.close()
    expect(await ended()).toEqual({ cause: 'closedThere', code: 4409 })
    link.notify('level', { volume: 3 })
  })

  it('tells the far side why', async () => {
    const closed = once(far, 'close') as Promise<[number]>
    link.close(4000)
    link.close(1000)
    expect(await ended()).toEqual({ cause: 'closedHere', code: 4000 })
    expect((await closed)[0]).toBe(4000)
    expect(link.closed).toBe(true)
  })
})

describe('dialling', () => {
  const use = (): never => {
    throw new TypeError('Nothing should have opened')
  }

  it('misses nothing of a far side that speaks first', async () => {
    server.once('connection', (socket) => socket.send('{"notify":"hush","params":{"until":9}}'))
    const { used } = await dial(target(), { signal, use: createLink })
    await eventually(() => expect(hushes).toEqual([9]))
    used.close()
  })

  it('fails with `unavailable` where nobody listens, and where the handshake is refused', async () => {
    const { url, protocols } = target()
    const nobody = { url: new URL('ws://127.0.0.1:1/'), protocols }
    await expect(dial(nobody, { signal, use })).rejects.toMatchObject({ code: 'unavailable' })
    expect(await handshakeStatus(nobody, { signal })).toBeUndefined()
    server.options.verifyClient = (_info: unknown, callback: (accepted: boolean, status?: number) => void) => callback(false, 404)
    await expect(dial({ url, protocols }, { signal, use })).rejects.toMatchObject({ code: 'unavailable' })
    expect(await handshakeStatus({ url, protocols }, { signal })).toBe(404)
  })

  it('learns that the handshake would succeed', async () => {
    expect(await handshakeStatus(target(), { signal })).toBe(101)
  })

  it('gives up in time, and when it is told to', async () => {
    const waiting: Socket[] = []
    server.options.verifyClient = ({ req }: { req: IncomingMessage }, _callback: unknown) => waiting.push(req.socket)
    await expect(dial(target(), { signal, use, timeoutMs: 30 })).rejects.toMatchObject({ code: 'unavailable' })
    await expect(dial(target(), { signal: AbortSignal.timeout(30), use })).rejects.toMatchObject({ code: 'unavailable' })
    expect(waiting).toHaveLength(2)
    for (const socket of waiting) socket.destroy()
  })
})
