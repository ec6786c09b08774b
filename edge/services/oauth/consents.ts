import { AppError } from '#shared/errors/AppError.ts'
import type { ConsentView } from '#shared/protocol/sapi/consents.ts'
import type { PageQuery } from '#shared/protocol/sapi/paging.ts'
import { deleteConsent, listConsents } from '#edge/db/d1/oauth-consents.ts'
import type { Actor } from '#edge/domain/identity/access.ts'
import { announceEnded } from '../ended-logins.ts'
import { type PageOf, pageOf } from '../page.ts'
import type { Scope } from '../scope.ts'
import { nameOfClient } from './clients.ts'

export async function listConsentsOf(scope: Scope, { userId }: Actor, { cursor, limit }: PageQuery): Promise<PageOf<ConsentView>> {
  const rows = await listConsents(scope.db, { userId, after: cursor, limit: limit + 1 })
  return pageOf(rows, {
    limit,
    cursorOf: ({ consent }) => consent.clientId,
    view: ({ consent, client }) => ({
      id: consent.clientId,
      name: nameOfClient(client),
      scope: consent.scope,
      granted: consent.grantedAt,
    }),
  })
}

/** The client's logins end too, also those of one that is trusted and never asked. @throws AppError `notFound`. */
export async function withdrawConsent(scope: Scope, { userId }: Actor, clientId: string): Promise<void> {
  const { found, ended } = await deleteConsent(scope.db, { userId, clientId }, scope.clock.now())
  announceEnded(scope, ended)
  if (!found && ended.length === 0) throw new AppError('notFound')
}
