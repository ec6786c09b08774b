import { describe, expect, it } from 'vitest'
import { noSpeakers, speakerReport, waitBeforeReport } from './speaker-rule.ts'

const voice = (participantId: string, volume: number) => ({ participantId, volume })

describe('speakerReport', () => {
  it('is empty while nobody speaks', () => {
    expect(speakerReport({ voices: [], dominants: [], current: null })).toEqual(noSpeakers)
  })

  it('lists the loudest first, in steps', () => {
    const { levels } = speakerReport({
      voices: [voice('bob', -41), voice('alice', -1), voice('carol', -126)],
      dominants: [],
      current: null,
    })
    expect(levels).toEqual([voice('alice', 0), voice('bob', -42), voice('carol', -126)])
    expect(Object.is(levels[0]?.volume, 0)).toBe(true)
  })

  it('keeps the dominant speaker through its pauses', () => {
    expect(speakerReport({ voices: [], dominants: ['alice'], current: 'alice' }).active).toBe('alice')
  })

  it('takes the loudest of the dominant speakers of several workers', () => {
    expect(speakerReport({ voices: [voice('alice', -40), voice('bob', -20)], dominants: ['alice', 'bob'], current: null }).active).toBe(
      'bob',
    )
  })

  it('changes between workers only for a clearly louder one', () => {
    const between = (alice: number, bob: number) =>
      speakerReport({ voices: [voice('alice', alice), voice('bob', bob)], dominants: ['alice', 'bob'], current: 'alice' }).active
    expect([between(-30, -25), between(-30, -24), between(-30, -23)]).toEqual(['alice', 'alice', 'bob'])
  })

  it('forgets a dominant speaker that no worker names any more', () => {
    expect(speakerReport({ voices: [voice('alice', -20)], dominants: [], current: 'alice' }).active).toBeNull()
  })
})

describe('waitBeforeReport', () => {
  const sent = { active: 'alice', levels: [voice('alice', -30), voice('bob', -42)] }
  const wait = (next: typeof sent | typeof noSpeakers, now: number) => waitBeforeReport({ sent, sentAt: 1000, next, now })

  it('says nothing twice, whatever the order', () => {
    expect(wait(sent, 9000)).toBeUndefined()
    expect(wait({ ...sent, levels: sent.levels.toReversed() }, 9000)).toBeUndefined()
  })

  it('says who speaks at most every 250 ms', () => {
    expect(wait({ ...sent, active: 'bob' }, 1100)).toBe(150)
    expect(wait({ ...sent, levels: [voice('alice', -30)] }, 1100)).toBe(150)
    expect(wait({ ...sent, levels: [voice('alice', -30), voice('carol', -42)] }, 1250)).toBe(0)
    expect(wait(noSpeakers, 5000)).toBe(0)
  })

  it('says how loud they are at most every 500 ms', () => {
    expect(wait({ ...sent, levels: [voice('alice', -24), voice('bob', -42)] }, 1100)).toBe(400)
  })
})
