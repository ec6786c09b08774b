import { describe, expect, it } from 'vitest'
import { entrySearchText, searchedTexts, sortKeyOf } from './contact-search.ts'

const entry = { name: 'Zoë Núñez', company: 'ACME', username: '', phones: ['+34 (986) 11-22'], emails: ['zoe@acme.example'] }
const finds = (q: string) => searchedTexts(q).some((text) => entrySearchText(entry).includes(text))

describe('a search', () => {
  it.each(['ZOË', 'nuñez'.replace('u', 'ú'), 'acme', 'ZOE@acme', '+34986', '986 1122', '98611', '(986)', '34-986'])('finds by %s', (q) => {
    expect(finds(q)).toBe(true)
  })

  it.each(['zoé', 'other', '99', '+1', 'zoe núñez'])('does not find by %s', (q) => {
    expect(finds(q)).toBe(false)
  })

  it('for nothing finds everything', () => {
    expect(searchedTexts('')).toEqual([])
    expect(searchedTexts(undefined)).toEqual([])
    expect(searchedTexts('-')).toEqual(['-'])
  })
})

it('orders by the beginning of the name, of whole characters', () => {
  expect(sortKeyOf('Ünal')).toBe('ünal')
  expect(sortKeyOf('😀'.repeat(50))).toBe('😀'.repeat(40))
})
