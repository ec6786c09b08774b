import { applyD1Migrations, type D1Migration } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { database } from '#edge/db/d1/database.ts'
import { domains, users } from '#edge/db/d1/schema.ts'
import type { Identity } from '#edge/domain/identity.ts'
import type { SettingsLayer } from '#shared/protocol/settings.ts'

/**
 * Three domains and who is in them. Each test has a generation of its own, with ids and domain names that
 * no other test has, so that nothing of an earlier one can reach it.
 */

const { DB, MIGRATIONS } = env as unknown as { DB: D1Database; MIGRATIONS: D1Migration[] }

let generation = 0

const idOf = (number: number): string => `01980000-0000-7000-8000-${String(generation * 1000 + number).padStart(12, '0')}`

const letters = ['a', 'b', 'c'] as const
type DomainLetter = (typeof letters)[number]

const domainOf = (letter: DomainLetter) => ({ id: idOf(letters.indexOf(letter) + 1), name: `${letter}${generation}.test` })

/** Users of the third domain are busy while in a call, and may have several calls at once. */
const settingsOf: Readonly<Record<DomainLetter, SettingsLayer>> = {
  a: {},
  b: {},
  c: { rooms: { notInACall: false, participantsLimit: 2 }, invites: { allowInvitesWhileInCall: false } },
}

const people = {
  alice: 'a',
  bob: 'a',
  carol: 'a',
  dave: 'a',
  bella: 'b',
  onlyb: 'b',
  cleo: 'c',
  colin: 'c',
  cora: 'c',
} as const satisfies Record<string, DomainLetter>

export type PersonName = keyof typeof people

const names = Object.keys(people) as PersonName[]

export function identityOf(name: PersonName, device = 1): Identity {
  const domain = domainOf(people[name])
  return {
    userId: idOf(100 + names.indexOf(name)),
    domainId: domain.id,
    role: 'user',
    loginId: `login-${generation}-${name}-${device}`,
    username: `${name}@${domain.name}`,
    displayName: name,
    tokenExpiresAt: Date.now() + 3_600_000,
  }
}

export const settingsLayerOf = (name: PersonName): SettingsLayer => settingsOf[people[name]]

/** A new generation of everybody. */
export async function newPeople(): Promise<void> {
  generation += 1
  await applyD1Migrations(DB, MIGRATIONS)
  const db = database(DB)
  await db.insert(domains).values(letters.map(domainRow))
  // One statement may bind at most 100 parameters.
  for (const name of names) await db.insert(users).values(userRow(name))
}

function domainRow(letter: DomainLetter): typeof domains.$inferInsert {
  const { id, name } = domainOf(letter)
  return {
    id,
    name,
    parentId: null,
    path: `/${id}/`,
    enableAnonymous: false,
    anonymousExpiration: 0,
    anonymousCapabilities: [],
    capabilities: [],
    services: { login: [], callcontrol: [] },
    settings: settingsOf[letter],
    jurisdiction: null,
    disabled: false,
    createdAt: 0,
  }
}

function userRow(name: PersonName): typeof users.$inferInsert {
  const identity = identityOf(name)
  return {
    id: identity.userId,
    domainId: identity.domainId,
    username: name,
    email: '',
    role: 'user',
    capabilities: [],
    mobilePhone: [],
    landLineNumber: '',
    alias: name,
    search: name,
    disabled: false,
    hasHub: false,
    createdAt: 0,
    lastLogin: null,
  }
}
