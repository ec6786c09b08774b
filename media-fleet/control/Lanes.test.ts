import { describe, expect, it } from 'vitest'
import { Lanes } from './Lanes.ts'

function lanesWithLog(timeoutMs = 1000) {
  const lanes = new Lanes({ timeoutMs })
  const log: string[] = []
  const gate = Promise.withResolvers<void>()
  const task = (name: string, wait: Promise<void> = Promise.resolve()) => {
    return async () => {
      log.push(`${name} starts`)
      await wait
      log.push(`${name} ends`)
      return name
    }
  }
  return { lanes, log, gate, task }
}

describe('Lanes', () => {
  it('keeps arrival order within a lane while other lanes go on', async () => {
    const { lanes, log, gate, task } = lanesWithLog()
    const slow = lanes.run({ holds: ['alice'] }, task('connect', gate.promise))
    const next = lanes.run({ holds: ['alice'] }, task('publish'))
    expect(await lanes.run({ holds: ['bob'] }, task('other'))).toBe('other')
    expect(log).toEqual(['connect starts', 'other starts', 'other ends'])
    gate.resolve()
    expect(await Promise.all([slow, next])).toEqual(['connect', 'publish'])
    expect(log.slice(3)).toEqual(['connect ends', 'publish starts', 'publish ends'])
  })

  it('waits for the lanes named in `after` without holding them up', async () => {
    const { lanes, log, gate, task } = lanesWithLog()
    const publish = lanes.run({ holds: ['alice', 'publication'] }, task('publish', gate.promise))
    const one = lanes.run({ holds: ['bob'], after: ['publication'] }, task('bob', gate.promise))
    const two = lanes.run({ holds: ['carol'], after: ['publication'] }, task('carol', gate.promise))
    expect(await lanes.run({ holds: ['dave'] }, task('dave'))).toBe('dave')
    expect(log).toEqual(['publish starts', 'dave starts', 'dave ends'])
    gate.resolve()
    await Promise.all([publish, one, two])
    expect(log.slice(3)).toEqual(['publish ends', 'bob starts', 'carol starts', 'bob ends', 'carol ends'])
  })

  it('goes on after a task that fails', async () => {
    const { lanes, task } = lanesWithLog()
    const failing = lanes.run({ holds: ['alice'] }, () => Promise.reject(new Error('refused')))
    const next = lanes.run({ holds: ['alice'] }, task('next'))
    await expect(failing).rejects.toThrow('refused')
    expect(await next).toBe('next')
  })

  it('frees the lane of a task that hangs', async () => {
    const { lanes, gate, task } = lanesWithLog(5)
    const hanging = lanes.run({ holds: ['alice'] }, task('hangs', gate.promise))
    const next = lanes.run({ holds: ['alice'] }, task('next'))
    await expect(hanging).rejects.toMatchObject({ code: 'timeout' })
    expect(await next).toBe('next')
    gate.resolve()
  })
})
