import { applyD1Migrations, reset, type D1Migration } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { database } from '#edge/db/d1/database.ts'
import { domains, users } from '#edge/db/d1/schema.ts'
import type { Identity } from '#edge/domain/identity.ts'
import { forgetSigningKeys } from '#edge/auth/signing-keys.ts'
import { forgetDirectory } from '#edge/services/directory.ts'
import type { SettingsLayer } from '#shared/protocol/settings.ts'

/** Two domains and who is in them, in the database of each test file. */

const { DB, MIGRATIONS } = env as unknown as { DB: D1Database; MIGRATIONS: D1Migration[] }

const idOf = (number: number): string => `01980000-0000-7000-8000-${String(number).padStart(12, '0')}`

export const domainA = { id: idOf(1), name: 'a.test' }
export const domainB = { id: idOf(2), name: 'b.test' }
/** Its users are busy while in a call, and may have several calls at once. */
export const domainC = { id: idOf(3), name: 'c.test' }

const settingsOf = new Map<string, SettingsLayer>([
  [domainC.id, { rooms: { notInACall: false, participantsLimit: 2 }, invites: { allowInvitesWhileInCall: false } }],
])

const people = [
  ['alice', domainA],
  ['bob', domainA],
  ['carol', domainA],
  ['dave', domainA],
  ['bella', domainB],
  ['onlyb', domainB],
  ['cleo', domainC],
  ['colin', domainC],
  ['cora', domainC],
] as const

export type PersonName = (typeof people)[number][0]

export function identityOf(name: PersonName, device = 1): Identity {
  const index = people.findIndex(([candidate]) => candidate === name)
  const domain = people[index]?.[1] ?? domainA
  return {
    userId: idOf(100 + index),
    domainId: domain.id,
    role: 'user',
    loginId: `login-${name}-${device}`,
    username: `${name}@${domain.name}`,
    displayName: name,
    tokenExpiresAt: Date.now() + 3_600_000,
  }
}

export const settingsLayerOf = (domainId: string): SettingsLayer => settingsOf.get(domainId) ?? {}

/** Empties every object and the database, and fills the database again. */
export async function resetPeople(): Promise<void> {
  await reset()
  forgetDirectory()
  forgetSigningKeys()
  await applyD1Migrations(DB, MIGRATIONS)
  const db = database(DB)
  await db.insert(domains).values([domainA, domainB, domainC].map(domainRow))
  // One statement may bind at most 100 parameters.
  for (const [name] of people) await db.insert(users).values(userRow(name))
}

function domainRow({ id, name }: { id: string; name: string }): typeof domains.$inferInsert {
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
    settings: settingsLayerOf(id),
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
