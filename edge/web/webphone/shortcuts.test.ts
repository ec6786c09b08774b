import { describe, expect, test } from 'vitest'
import { chordOf } from './shortcuts.ts'

describe('a key', () => {
  test.each([
    ['a letter', { key: 'm', code: 'KeyM', shiftKey: false }, 'm'],
    ['a letter with caps lock', { key: 'M', code: 'KeyM', shiftKey: false }, 'm'],
    ['a letter with Shift', { key: 'H', code: 'KeyH', shiftKey: true }, 'Shift+h'],
    ['a mark that needs Shift', { key: '?', code: 'Minus', shiftKey: true }, '?'],
    ['a letter printed elsewhere on a French keyboard', { key: 'm', code: 'Semicolon', shiftKey: false }, 'm'],
    ['the same place on a Cyrillic keyboard', { key: 'ь', code: 'KeyM', shiftKey: false }, 'm'],
    ['a named key', { key: 'Escape', code: 'Escape', shiftKey: false }, 'escape'],
  ])('%s', (_, event, chord) => {
    expect(chordOf(event).toLowerCase()).toBe(chord.toLowerCase())
  })
})
