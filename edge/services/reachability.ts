import { AppError } from '#shared/errors/AppError.ts'
import type { Reachability, Transport } from '#shared/protocol/sapi/reachability.ts'
import { kindsOf, transportsOf } from '#edge/domain/hub/transports.ts'
import { groupIdOf, groupUri } from '#edge/domain/identity/group-target.ts'
import { userUri } from '#edge/domain/identity/user-target.ts'
import type { Identity } from '#edge/domain/identity.ts'
import { directory, type FoundUser } from './directory.ts'
import { participantsOf } from './groups.ts'
import { sessionsAt } from './hub-owners.ts'
import { inTurns } from './in-turns.ts'
import type { Scope } from './scope.ts'

/**
 * REACH-1, within the caller's own domain (DOM-4). Who is told of nothing else is not told whether somebody
 * exists: for visitors, unknown and offline are one answer.
 * @throws AppError `userUnknown`.
 */
export async function reachabilityOf(scope: Scope, actor: Identity, uri: string): Promise<Reachability> {
  const found = uri.startsWith(groupUri('')) ? await ofGroup(scope, actor, groupIdOf(uri)) : await ofTarget(scope, actor, uri)
  if (actor.role === 'anonymous') return { uri, ...summaryOf(kindsOf(found?.transports ?? [])) }
  if (found === undefined) throw new AppError('userUnknown')
  return found
}

async function ofTarget(scope: Scope, { domainId }: Identity, target: string): Promise<Reachability | undefined> {
  const user = await directory(scope.env).findUser(target, { domainId })
  return user?.domainId === domainId ? ofUser(scope, user) : undefined
}

async function ofGroup(scope: Scope, { domainId }: Identity, groupId: string): Promise<Reachability | undefined> {
  const users = await participantsOf(scope.db, { groupId, domainId })
  if (users === undefined) return undefined
  const participants = await inTurns(users, (user) => ofUser(scope, user))
  return { uri: groupUri(groupId), ...summaryOf(participants.flatMap(({ transports }) => transports)), participants }
}

const ofUser = async (scope: Scope, user: FoundUser): Promise<Omit<Reachability, 'participants'>> => ({
  uri: userUri(user.userId),
  ...summaryOf(transportsOf(await sessionsAt(scope, user))),
})

const summaryOf = (transports: Transport[]) => ({ reachable: transports.length > 0, transports })
