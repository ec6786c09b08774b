import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { beforeEach, describe, expect, it } from 'vitest'
import { keptAnswers } from '#shared/protocol/limits.ts'
import { SocketClient } from './fixture/client.ts'
import { newProbe } from './fixture/new-probe.ts'
import { bench, resetBench } from './fixture/Probe.ts'

beforeEach(resetBench)

const open = { id: 'open', method: 'POST', resource: '/sessions', body: { sessionId: 's1' } }
const count = { id: '1', method: 'POST', resource: '/count' }
const me = { method: 'GET', resource: '/me' }
const wait = { id: '2', method: 'POST', resource: '/wait' }

describe('AnswerLog', () => {
  it('answers a request that is sent again as before, on another socket and after eviction', async () => {
    const probe = newProbe()
    const first = await SocketClient.open(probe)
    await first.request(open)
    const answer = await first.request(count)
    expect(answer).toEqual({ id: '1', status: 200, body: { executions: 1 } })
    await evictDurableObject(probe)
    const second = await SocketClient.open(probe)
    await second.request(open)
    expect(await second.request(count)).toEqual(answer)
    expect(await second.request({ ...count, id: 'other' })).toMatchObject({ body: { executions: 2 } })
    second.close()
  })

  it('lets the same request wait for itself while it runs', async () => {
    const probe = newProbe()
    const first = await SocketClient.open(probe)
    await first.request(open)
    first.sendRaw(JSON.stringify(wait))
    await first.request({ ...me, id: 'before' })
    const second = await SocketClient.open(probe)
    await second.request(open)
    const again = second.request(wait)
    await second.request({ ...me, id: 'between' })
    expect(await probe.release()).toBe(true)
    expect(await again).toEqual({ id: '2', status: 200, body: { executions: 1 } })
    expect(bench.executions).toBe(1)
    second.close()
  })

  it('keeps the last 128 of each session', async () => {
    await runInDurableObject(newProbe(), ({ answers }) => {
      answers.keep('other', 'r0', { status: 200 })
      for (let index = 0; index <= keptAnswers; index += 1) answers.keep('s1', `r${index}`, { status: 200, body: { index } })
      expect(answers.recall('s1', 'r0')).toBeUndefined()
      expect(answers.recall('s1', 'r1')).toEqual({ status: 200, body: { index: 1 } })
      expect(answers.recall('s1', `r${keptAnswers}`)).toBeDefined()
      expect(answers.recall('other', 'r0')).toEqual({ status: 200, body: undefined })
      answers.forget('s1')
      expect(answers.recall('s1', 'r1')).toBeUndefined()
      expect(answers.recall('other', 'r0')).toBeDefined()
    })
  })

  it('keeps no answer that asks to try again', async () => {
    await runInDurableObject(newProbe(), ({ answers }) => {
      for (const status of [429, 500, 503, 504]) {
        answers.keep('s1', `r${status}`, { status })
        expect(answers.recall('s1', `r${status}`)).toBeUndefined()
      }
      answers.keep('s1', 'refused', { status: 409, body: { code: 'roomFull' } })
      expect(answers.recall('s1', 'refused')).toEqual({ status: 409, body: { code: 'roomFull' } })
    })
  })

  it('keeps nothing of a run that throws', async () => {
    await runInDurableObject(newProbe(), async ({ answers }) => {
      const key = { sessionId: 's1', id: 'r' }
      await expect(answers.once(key, async () => Promise.reject(new Error('fault')))).rejects.toThrow('fault')
      expect(await answers.once(key, async () => ({ status: 200 }))).toEqual({ status: 200 })
    })
  })
})
