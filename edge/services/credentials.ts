import { AppError } from '#shared/errors/AppError.ts'
import type { CreateCredential, CredentialType, CredentialView } from '#shared/protocol/sapi/credentials.ts'
import type { PageQuery } from '#shared/protocol/sapi/paging.ts'
import { assertNever } from '#shared/result/result.ts'
import { type CredentialInDomain, deleteCredential, findCredential, listCredentials } from '#edge/db/d1/credentials.ts'
import { type Actor, administers, mayHandle } from '#edge/domain/identity/access.ts'
import { clientDataOf, createClient } from './credentials/clients.ts'
import { viewWith } from './credentials/common.ts'
import { createPassword } from './credentials/passwords.ts'
import { announceEnded } from './ended-logins.ts'
import { type PageOf, pageOf } from './page.ts'
import type { Scope } from './scope.ts'
import { keepPlatformAdmin } from './users.ts'
import { administeredDomainNamed, scopePath } from './visible-domains.ts'

/** CRED-1: passwords of users, and OAuth clients of domains. */

export async function listCredentialsFor(
  scope: Scope,
  actor: Actor,
  query: PageQuery & { user?: string | undefined; domain?: string | undefined; type?: CredentialType | undefined },
): Promise<PageOf<CredentialView>> {
  const path = query.domain === undefined ? await scopePath(scope, actor) : (await administeredDomainNamed(scope, actor, query.domain)).path
  const rows = await listCredentials(scope.db, { path, userId: query.user, type: query.type, after: query.cursor, limit: query.limit + 1 })
  return pageOf(rows, { limit: query.limit, cursorOf: ({ credential }) => credential.id, view: viewOf })
}

export async function getCredential(scope: Scope, actor: Actor, id: string): Promise<CredentialView> {
  return viewOf(await administeredCredential(scope, actor, id))
}

/** A password replaces the one the user has and ends its logins. A client's secret is told here and never again. */
export async function createCredential(scope: Scope, actor: Actor, body: CreateCredential): Promise<CredentialView> {
  switch (body.type) {
    case 'basic':
      return createPassword(scope, actor, body)
    case 'client':
      return createClient(scope, actor, body)
    default:
      return assertNever(body)
  }
}

/** Removes the credential and ends the logins that were made with it. */
export async function removeCredential(scope: Scope, actor: Actor, id: string): Promise<void> {
  const { credential, user } = await administeredCredential(scope, actor, id)
  if (user !== null) await keepPlatformAdmin(scope, user)
  announceEnded(scope, await deleteCredential(scope.db, credential.id, scope.clock.now()))
}

/** @throws AppError `notFound` outside the actor's domains, `forbidden` where it gives more than the actor has. */
async function administeredCredential(scope: Scope, actor: Actor, id: string): Promise<CredentialInDomain> {
  const found = await findCredential(scope.db, id)
  if (found === undefined || !administers(actor, found.domain.path)) throw new AppError('notFound')
  const role = found.user?.role ?? found.credential.data['role']
  if (role === 'platform-admin' && !mayHandle(actor, role)) throw new AppError('forbidden', { context: { role } })
  return found
}

function viewOf(found: CredentialInDomain): CredentialView {
  const { credential } = found
  switch (credential.type) {
    case 'basic':
      return viewWith(found, {})
    case 'client':
      return viewWith(found, clientDataOf(credential))
    default:
      return assertNever(credential.type)
  }
}
