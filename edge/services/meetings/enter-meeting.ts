import { AppError } from '#shared/errors/AppError.ts'
import { type Clock, systemClock } from '#shared/time/clock.ts'
import { database } from '#edge/db/d1/database.ts'
import { findMeeting } from '#edge/db/d1/meetings.ts'
import type { RoomEntry } from '#edge/domain/forwarding.ts'
import type { Identity } from '#edge/domain/identity.ts'
import { entranceOf } from '#edge/domain/meetings/access.ts'
import type { DomainPolicy } from '#edge/domain/ports.ts'
import type { Env } from '#edge/env.ts'
import { isLinkKey } from './meeting-secrets.ts'
import { meetingAccessOf } from './meetings.ts'

/**
 * Lets somebody of the meeting's domain into its room, and says what the room must know of the meeting. Only the
 * door is kept: who is inside when the meeting's time ends, or when it is deleted, may finish, and comes back
 * with the room's own ticket after a lost connection.
 * @throws AppError `roomNotFound` to whoever may not know of the meeting, else `meetingNotStarted` or `meetingEnded` with
 * the instants, or `serviceNotEnabled`.
 */
export async function enterMeeting(
  env: Pick<Env, 'DB' | 'RINGWAY_MASTER_KEY'>,
  comer: { meetingId: string; key: string | undefined; identity: Identity; policy: DomainPolicy },
  { clock = systemClock }: { clock?: Clock } = {},
): Promise<NonNullable<RoomEntry['meeting']>> {
  const { meetingId, key, identity, policy } = comer
  const found = await findMeeting(database(env.DB), meetingId)
  if (found === undefined) throw new AppError('roomNotFound')
  const holdsLink = key !== undefined && (await isLinkKey(env, found.meeting, key))
  const entrance = entranceOf(meetingAccessOf(found), { ...identity, holdsLink }, clock.now())
  if (entrance === 'unknown') throw new AppError('roomNotFound')
  if (!policy.services.includes('meetings')) throw new AppError('serviceNotEnabled', { context: { service: 'meetings' } })
  const { userId: creatorId, validSince, validUntil } = found.meeting
  if (entrance === 'open') return { creatorId, validUntil }
  throw new AppError(entrance === 'notStarted' ? 'meetingNotStarted' : 'meetingEnded', { context: { validSince, validUntil } })
}
