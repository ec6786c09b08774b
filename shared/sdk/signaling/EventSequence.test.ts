import { describe, expect, test } from 'vitest'
import { keptEvents } from '#shared/protocol/limits.ts'
import { EventSequence } from './EventSequence.ts'

const event = (seq: number) => ({ seq, event: 'e', resource: '/r' })
const seqs = (events: readonly { seq: number }[]) => events.map(({ seq }) => seq)

describe('EventSequence', () => {
  test('holds everything until a snapshot says where to begin', () => {
    const sequence = new EventSequence()
    expect([5, 3, 4, 2].flatMap((seq) => sequence.offer(event(seq)))).toEqual([])
    expect(sequence.hasGap).toBe(false)
    expect(seqs(sequence.start(3))).toEqual([4, 5])
    expect(sequence.last).toBe(5)
  })

  test('passes consecutive events and drops what comes again', () => {
    const sequence = new EventSequence()
    sequence.start(0)
    expect([1, 1, 2, 1, 2, 3].flatMap((seq) => seqs(sequence.offer(event(seq))))).toEqual([1, 2, 3])
  })

  test('notices a gap, and goes on in order once it is filled', () => {
    const sequence = new EventSequence()
    sequence.start(1)
    expect(sequence.offer(event(4))).toEqual([])
    expect(sequence.offer(event(3))).toEqual([])
    expect(sequence.hasGap).toBe(true)
    expect(seqs(sequence.offer(event(2)))).toEqual([2, 3, 4])
    expect(sequence.hasGap).toBe(false)
  })

  test('goes back where a new life of the room begins to count anew', () => {
    const sequence = new EventSequence()
    sequence.start(40)
    sequence.start(2)
    expect(seqs(sequence.offer(event(3)))).toEqual([3])
  })

  test('holds no more than the server keeps', () => {
    const sequence = new EventSequence()
    sequence.start(0)
    for (let seq = 2; seq < keptEvents * 3; seq += 1) sequence.offer(event(seq))
    expect(sequence.offer(event(1)).length).toBeLessThanOrEqual(keptEvents + 1)
  })
})
