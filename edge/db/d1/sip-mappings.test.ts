import { beforeEach, expect, it } from 'vitest'
import { createDomain, createUser, env, type Made, startAnew } from '#edge/routes/testing/api.ts'
import { newId } from '#shared/ids/ids.ts'
import { brokenConstraint } from './constraints.ts'
import { database } from './database.ts'
import { insertSipMapping, listSipMappings, type SipMappingRow, updateSipMapping } from './sip-mappings.ts'

let domain: Made
let alice: Made

beforeEach(async () => {
  await startAnew()
  domain = await createDomain('a')
  alice = await createUser('a', 'alice')
})

const db = database(env.DB)
const rowOf = (owner: Made, username: string, domainId = domain.id): SipMappingRow => ({
  id: newId(),
  domainId,
  userId: owner.id,
  groupId: null,
  username,
  userKey: username,
  sealedPassword: null,
  context: {},
  lease: 0,
  expiresAt: null,
  revision: 1,
  createdAt: 1,
})
const outcomeOf = async (write: Promise<void>) =>
  write.then(
    () => 'written',
    (error: unknown) => brokenConstraint(error),
  )

it('an owner that has moved to another domain meanwhile gets no mapping in the one it left', async () => {
  const other = await createDomain('b')
  expect(await outcomeOf(insertSipMapping(db, rowOf(alice, '205', other.id)))).toBe('revision')
  const row = rowOf(alice, '205')
  await insertSipMapping(db, row)
  expect(await outcomeOf(updateSipMapping(db, row, { ...row, domainId: other.id }, 2))).toBe('revision')
  expect((await listSipMappings(db, { limit: 10 })).map(({ mapping }) => mapping)).toEqual([row])
})

it('of those who want the same name at the same moment one gets it, and of changes of the same mapping one counts', async () => {
  const others = await Promise.all(['bob', 'carol', 'dave'].map((name) => createUser('a', name)))
  const rows = others.map((owner) => rowOf(owner, '205'))
  const outcomes = await Promise.all(rows.map((row) => outcomeOf(insertSipMapping(db, row))))
  expect(outcomes.toSorted()).toEqual(['unique', 'unique', 'written'])
  const [kept] = await listSipMappings(db, { limit: 10 })
  const row = kept?.mapping ?? rowOf(alice, '')
  const changes = ['206', '207'].map((username) => outcomeOf(updateSipMapping(db, row, { ...row, username, userKey: username }, 2)))
  expect((await Promise.all(changes)).toSorted()).toEqual(['revision', 'written'])
})
