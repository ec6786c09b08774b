import { expect, it } from 'vitest'
import { knownServices } from '#shared/protocol/sapi/services.ts'
import { allServices, effectiveServices } from './services.ts'

it('gives the default domain every known service', () => {
  expect(Object.keys(allServices).toSorted()).toEqual([...knownServices].toSorted())
})

it('lets a domain use what it lists', () => {
  expect(effectiveServices([{ chat: [], contacts: ['wac'] }])).toEqual({ chat: [], contacts: ['wac'] })
})

it('cuts a domain down to what every ancestor lists', () => {
  expect(
    effectiveServices([
      { chat: [], login: [] },
      { chat: [], meetings: [] },
      { chat: [], login: [], meetings: [] },
    ]),
  ).toEqual({ chat: [] })
})

it('keeps of the backends those that an ancestor names; none named means any', () => {
  const own = { contacts: ['wac', 'ldap'], chat: ['xmpp'] }
  expect(effectiveServices([{ contacts: ['wac', 'google'], chat: [] }, own])).toEqual({ contacts: ['wac'], chat: ['xmpp'] })
})

it('takes no name that every object inherits for one that an ancestor lists', () => {
  expect(effectiveServices([{ login: [] }, { constructor: [], login: [] }])).toEqual({ login: [] })
})

it('serves nothing without a domain', () => {
  expect(effectiveServices([])).toEqual({})
})
