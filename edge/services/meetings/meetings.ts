import { z } from 'zod'
import { AppError } from '#shared/errors/AppError.ts'
import { newId } from '#shared/ids/ids.ts'
import { meetingAddress, meetingUri } from '#shared/protocol/meeting-address.ts'
import type { ListMeetingsQuery, MeetingBody, MeetingView } from '#shared/protocol/sapi/meetings.ts'
import { issuerOf } from '#edge/auth/issuer.ts'
import { brokenConstraint } from '#edge/db/d1/constraints.ts'
import {
  deleteMeeting,
  findMeeting,
  type FoundMeeting,
  insertMeeting,
  listMeetings,
  type MeetingChange,
  type MeetingRow,
  updateMeeting,
  usersAmong,
} from '#edge/db/d1/meetings.ts'
import { findUser } from '#edge/db/d1/users.ts'
import { type Actor, isAdmin } from '#edge/domain/identity/access.ts'
import { searchable } from '#edge/domain/identity/search.ts'
import { type MeetingAccess, mayChange, mayRead } from '#edge/domain/meetings/access.ts'
import type { Change } from '../change.ts'
import { cursorOf, readCursor } from '../cursor.ts'
import { directory } from '../directory.ts'
import { type PageOf, pageOf } from '../page.ts'
import { refuseBroken } from '../refuse-broken.ts'
import type { Scope } from '../scope.ts'
import { scopePath } from '../visible-domains.ts'
import { newMeetingSecrets, secretsOpener } from './meeting-secrets.ts'

/** MEET-1. */

/** What a use case works with, and the request that it answers: links lead to where it came. */
export interface MeetingScope extends Scope {
  readonly request: Request
}

export const meetingAccessOf = ({ meeting, domain, users }: FoundMeeting): MeetingAccess => ({
  id: meeting.id,
  userId: meeting.userId,
  domainId: domain.id,
  users,
  validSince: meeting.validSince,
  validUntil: meeting.validUntil,
})

export async function listMeetingsFor(
  scope: MeetingScope,
  actor: Actor,
  { from, to, q, user, cursor, limit }: ListMeetingsQuery,
): Promise<PageOf<MeetingView>> {
  const own = isAdmin(actor) ? { path: await scopePath(scope, actor), people: [] } : { domainId: actor.domainId, people: [actor.userId] }
  const [validSince, id] = readCursor(cursor, positionSchema) ?? []
  const rows = await listMeetings(scope.db, {
    ...own,
    people: [...own.people, ...(user === undefined ? [] : [user])],
    endsAfter: from,
    beginsBefore: to,
    q,
    after: validSince === undefined || id === undefined ? undefined : { validSince, id },
    limit: limit + 1,
  })
  const page = pageOf(rows, { limit, cursorOf: ({ meeting }) => cursorOf([meeting.validSince, meeting.id]), view: (row) => row })
  return { items: await viewsOf(scope, page.items), next: page.next }
}

/** Of the list, which is in the order of `validSince`. */
const positionSchema = z.tuple([z.int(), z.uuid()])

export async function getMeeting(scope: MeetingScope, actor: Actor, id: string): Promise<MeetingView> {
  return viewOf(scope, await visibleMeeting(scope, actor, id))
}

export async function createMeeting(scope: MeetingScope, actor: Actor, body: MeetingBody): Promise<MeetingView> {
  const creator = await findUser(scope.db, { userId: actor.userId })
  // A client has no record that a meeting could belong to.
  if (creator === undefined) throw new AppError('forbidden', { context: { reason: 'noUser' } })
  const domainId = creator.domain.id
  const users = await invitees(scope, body.users, domainId)
  const { settings } = await directory(scope.env).policyOf(domainId)
  const meeting = await insertWithPin(scope, { body, userId: actor.userId, extension: settings.meetings.pstnExtension, users, domainId })
  return viewOf(scope, { meeting, domain: creator.domain, users })
}

/** PINs in a row that another meeting on the number has. With a million meetings, one in a hundred is. */
const patience = 8

async function insertWithPin(
  scope: MeetingScope,
  options: { body: MeetingBody; userId: string; extension: string | null; users: readonly string[]; domainId: string },
): Promise<MeetingRow> {
  const { body, userId, extension, users, domainId } = options
  const id = newId()
  for (let attempt = 1; ; attempt += 1) {
    const secrets = await newMeetingSecrets(scope.env, id, extension)
    const meeting: MeetingRow = { ...changeOf(body), ...secrets, id, userId, revision: 1, createdAt: scope.clock.now() }
    try {
      await refuseBroken(() => insertMeeting(scope.db, meeting, { users, domainId }))
      return meeting
    } catch (thrown) {
      if (brokenConstraint(thrown) !== 'unique' || attempt === patience) throw thrown
    }
  }
}

export async function changeMeeting(
  scope: MeetingScope,
  actor: Actor,
  id: string,
  by: Change<MeetingView, MeetingBody>,
): Promise<MeetingView> {
  const before = await changeableMeeting(scope, actor, id)
  const body = await by.of(await viewOf(scope, before))
  const users = await invitees(scope, body.users, before.domain.id)
  const change = changeOf(body)
  await refuseBroken(() => updateMeeting(scope.db, before, { ...change, users, now: scope.clock.now() }))
  return viewOf(scope, { ...before, meeting: { ...before.meeting, ...change }, users })
}

export async function removeMeeting(
  scope: MeetingScope,
  actor: Actor,
  id: string,
  expect: (current: MeetingView) => Promise<void>,
): Promise<void> {
  const found = await changeableMeeting(scope, actor, id)
  await expect(await viewOf(scope, found))
  await refuseBroken(() => deleteMeeting(scope.db, found, scope.clock.now()))
}

/** @throws AppError `notFound`, which is also what another domain's meeting is. */
async function visibleMeeting(scope: MeetingScope, actor: Actor, id: string): Promise<FoundMeeting> {
  const found = await findMeeting(scope.db, id)
  if (found === undefined || !mayRead(actor, meetingAccessOf(found), found.domain.path)) throw new AppError('notFound')
  return found
}

/** @throws AppError `notFound`, or `forbidden` for those who are only invited. */
async function changeableMeeting(scope: MeetingScope, actor: Actor, id: string): Promise<FoundMeeting> {
  const found = await visibleMeeting(scope, actor, id)
  if (!mayChange(actor, meetingAccessOf(found), found.domain.path)) throw new AppError('forbidden')
  return found
}

/** Each once. @throws AppError `notFound` with those that are no users of the domain: another domain's are as unknown as nobody's. */
async function invitees(scope: MeetingScope, ids: readonly string[], domainId: string): Promise<string[]> {
  const wanted = [...new Set(ids)]
  const known = await usersAmong(scope.db, wanted, domainId)
  const unknown = wanted.filter((id) => !known.has(id))
  if (unknown.length > 0) throw new AppError('notFound', { context: { users: unknown } })
  return wanted
}

const changeOf = ({ name, participants, language, validSince, validUntil }: MeetingBody): MeetingChange => ({
  name,
  search: searchable(name),
  participants,
  language,
  validSince,
  validUntil,
})

async function viewOf(scope: MeetingScope, found: FoundMeeting): Promise<MeetingView> {
  const [view] = await viewsOf(scope, [found])
  if (view === undefined) throw new TypeError('A view of each meeting')
  return view
}

async function viewsOf(scope: MeetingScope, all: readonly FoundMeeting[]): Promise<MeetingView[]> {
  const open = await secretsOpener(scope.env)
  return Promise.all(
    all.map(async ({ meeting, domain, users }) => {
      const { linkKey, ddi } = await open(meeting)
      const { id, name, userId, participants, language, validSince, validUntil, createdAt } = meeting
      const host = await linkHost(scope, domain.id)
      const address = meetingAddress({ meetingId: id, key: linkKey, domain: domain.enableAnonymous ? domain.name : undefined })
      return {
        id,
        uri: meetingUri(id),
        name,
        user: userId,
        users: [...users],
        participants,
        language,
        validSince,
        validUntil,
        url: `${host}/?room=${encodeURIComponent(address)}`,
        ddi,
        created: createdAt,
      }
    }),
  )
}

async function linkHost(scope: MeetingScope, domainId: string): Promise<string> {
  const { settings } = await directory(scope.env).policyOf(domainId)
  return settings.meetings.linkHost?.replace(/\/+$/, '') ?? issuerOf(scope.request, scope.env)
}
