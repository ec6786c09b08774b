import { expect, test } from 'vitest'
import { mergeSpeakers } from './speaker-board.ts'

const isHere = (participantId: string): boolean => participantId !== 'gone'

test('levels of all hosts, loudest first, and the loudest of the dominant speakers', () => {
  const merged = mergeSpeakers(
    [
      { active: 'a', levels: [{ participantId: 'a', volume: -40 }] },
      {
        active: 'b',
        levels: [
          { participantId: 'b', volume: -20 },
          { participantId: 'c', volume: -60 },
        ],
      },
    ],
    { isHere },
  )
  expect(merged.active).toBe('b')
  expect(merged.levels.map(({ participantId }) => participantId)).toEqual(['b', 'a', 'c'])
})

test('a dominant speaker between two words stays dominant, one who left does not', () => {
  expect(mergeSpeakers([{ active: 'a', levels: [] }], { isHere }).active).toBe('a')
  expect(mergeSpeakers([{ active: 'gone', levels: [{ participantId: 'gone', volume: -10 }] }], { isHere })).toEqual({
    active: null,
    levels: [],
  })
})
