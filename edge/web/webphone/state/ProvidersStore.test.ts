import { expect, test, vi } from 'vitest'
import { RingwayError } from '#shared/sdk/RingwayError.ts'
import { FakeClient } from '../../stories/FakeClient.ts'
import { domainOf, ProvidersStore } from './ProvidersStore.ts'

const noWait = { sleep: async () => {} }
const acme = { name: 'acme', displayName: 'Acme' }

test('the providers of a domain are asked for once', async () => {
  const client = new FakeClient({ providers: [acme] })
  const asked = vi.spyOn(client, 'loginProviders')
  const store = new ProvidersStore(client, noWait)
  await store.show(undefined)
  await store.show('acme.example')
  await store.show(undefined)
  expect(store.state).toEqual([acme])
  expect(asked.mock.calls).toEqual([[undefined], ['acme.example']])
})

test('only the last domain typed is asked for, and its answer shown', async () => {
  const client = new FakeClient({})
  const asked = vi.spyOn(client, 'loginProviders').mockImplementation(async (domain) => (domain === 'ab' ? [acme] : []))
  const store = new ProvidersStore(client, noWait)
  await Promise.all([store.show('a'), store.show('ab')])
  expect(store.state).toEqual([acme])
  expect(asked.mock.calls).toEqual([['ab']])
})

test('a server that does not answer leaves the password', async () => {
  const client = new FakeClient({})
  vi.spyOn(client, 'loginProviders').mockRejectedValue(RingwayError.ofDevice('networkUnreachable'))
  const store = new ProvidersStore(client, noWait)
  await store.show(undefined)
  expect(store.state).toEqual([])
})

test.each([
  ['alice', undefined],
  ['alice@', undefined],
  ['alice@Acme.example ', 'acme.example'],
])('the domain of %j is %s', (username, domain) => {
  expect(domainOf(username)).toBe(domain)
})
