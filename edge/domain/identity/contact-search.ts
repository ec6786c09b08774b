import { searchable } from './search.ts'

/** How entries of address books are ordered and searched (CONT-1). */

export interface SearchedEntry {
  readonly name: string
  readonly company: string
  readonly username: string
  readonly phones: readonly string[]
  readonly emails: readonly string[]
}

/** Code points of a name that lists are ordered by; a cursor holds them. */
const sortLength = 40

export const sortKeyOf = (name: string): string => Array.from(searchable(name)).slice(0, sortLength).join('')

/** What a search looks into: telephone numbers as they were typed, and without what only parts their digits. */
export function entrySearchText({ name, company, username, phones, emails }: SearchedEntry): string {
  return searchable([name, company, username, ...emails, ...phones, ...phones.map(compact)].filter((text) => text !== '').join('\n'))
}

/** The texts of which one must be part of what is searched. None: everything is found. */
export function searchedTexts(q: string | undefined): string[] {
  if (q === undefined || q === '') return []
  const number = /^[+\d\s().-]*\d[+\d\s().-]*$/.test(q) ? [compact(q)] : []
  return [...new Set([searchable(q), ...number])]
}

const compact = (phone: string): string => phone.replaceAll(/[^+\d]/g, '')
