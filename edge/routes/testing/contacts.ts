import type { Contact, EntryView } from '#shared/protocol/sapi/contacts.ts'
import { call, createDomain, createUser, expectJson, type Made, startAnew, tokenOf } from './api.ts'

/** Access tokens of users of one domain who have address books: alice also those of her groups, boss as their admin. */
export interface Acquaintances {
  readonly domain: Made
  readonly alice: string
  readonly bob: string
  readonly boss: string
}

export async function gatherAcquaintances(): Promise<Acquaintances> {
  await startAnew()
  const domain = await createDomain('a')
  await createUser('a', 'alice', { capabilities: ['+user-group-contacts'] })
  await createUser('a', 'bob')
  await createUser('a', 'boss', { role: 'admin' })
  return { domain, alice: await tokenOf('alice@a'), bob: await tokenOf('bob@a'), boss: await tokenOf('boss@a') }
}

export const add = async (token: string, json: Record<string, unknown>): Promise<EntryView> =>
  expectJson<EntryView>(await call('/sapi/contacts', { json, token }), 201)

export const nameOf = (contact: Contact): string =>
  'name' in contact ? contact.name : 'username' in contact ? contact.username : contact.kind

export async function createGroup(owner: string, ...participants: string[]): Promise<Made> {
  const group = await expectJson<Made>(await call('/sapi/usersGroup', { json: { name: 'Sales' }, token: owner }), 201)
  for (const userId of participants) await call(`/sapi/usersGroup/${group.id}/participants`, { json: { userId }, token: owner })
  return group
}
