import { AppError } from '#shared/errors/AppError.ts'
import { newId } from '#shared/ids/ids.ts'
import type { CreateCredential, CredentialType, CredentialView } from '#shared/protocol/sapi/credentials.ts'
import type { PageQuery } from '#shared/protocol/sapi/paging.ts'
import { assertNever } from '#shared/result/result.ts'
import { newClientSecret } from '#edge/auth/client-secret.ts'
import { hashPassword } from '#edge/auth/password.ts'
import { brokenConstraint } from '#edge/db/d1/constraints.ts'
import {
  type CredentialInDomain,
  type CredentialRow,
  deleteCredential,
  findCredential,
  insertCredential,
  listCredentials,
  replacePassword,
} from '#edge/db/d1/credentials.ts'
import { type Actor, administers, mayHandle } from '#edge/domain/identity/access.ts'
import { announceEnded } from './ended-logins.ts'
import { type PageOf, pageOf } from './page.ts'
import type { Scope } from './scope.ts'
import { administeredUser, keepPlatformAdmin } from './users.ts'
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

async function createPassword(scope: Scope, actor: Actor, body: Extract<CreateCredential, { type: 'basic' }>): Promise<CredentialView> {
  const { user, domain } = await administeredUser(scope, actor, body.user)
  if (body.domain !== '' && body.domain !== domain.name) throw new AppError('notFound', { context: { domain: body.domain } })
  const credential = { ...rowOf(scope, body, domain.id), userId: user.id, data: {}, secretHash: await hashPassword(body.data.password) }
  try {
    announceEnded(scope, await replacePassword(scope.db, credential, scope.clock.now()))
  } catch (thrown) {
    // The user was removed meanwhile.
    if (brokenConstraint(thrown) === 'foreignKey') throw new AppError('notFound', { cause: thrown })
    throw thrown
  }
  return viewOf({ credential, domain, user })
}

async function createClient(scope: Scope, actor: Actor, body: Extract<CreateCredential, { type: 'client' }>): Promise<CredentialView> {
  const domain = await administeredDomainNamed(scope, actor, body.domain)
  if (!mayHandle(actor, body.data.role)) throw new AppError('forbidden', { context: { role: body.data.role } })
  const { secret, hash } = await newClientSecret()
  const credential = { ...rowOf(scope, body, domain.id), userId: null, data: body.data, secretHash: hash }
  await insertCredential(scope.db, credential)
  const view = viewOf({ credential, domain, user: null })
  return { ...view, data: { ...view.data, clientSecret: secret } }
}

function rowOf(scope: Scope, body: CreateCredential, domainId: string): Omit<CredentialRow, 'userId' | 'data' | 'secretHash'> {
  const now = scope.clock.now()
  const { type, context, lease } = body
  return { id: newId(), type, domainId, context, lease, expiresAt: lease === 0 ? null : now + lease * 1000, revision: 1, createdAt: now }
}

/** @throws AppError `notFound` outside the actor's domains, `forbidden` where it gives more than the actor has. */
async function administeredCredential(scope: Scope, actor: Actor, id: string): Promise<CredentialInDomain> {
  const found = await findCredential(scope.db, id)
  if (found === undefined || !administers(actor, found.domain.path)) throw new AppError('notFound')
  const role = found.user?.role ?? found.credential.data['role']
  if (role === 'platform-admin' && !mayHandle(actor, role)) throw new AppError('forbidden', { context: { role } })
  return found
}

function viewOf({ credential, domain, user }: CredentialInDomain): CredentialView {
  const { id, type, context, data, lease, createdAt, expiresAt } = credential
  return {
    id,
    source: 'wac',
    type,
    context,
    domain: domain.name,
    user: user?.id ?? null,
    data: type === 'client' ? { ...data, clientId: id } : {},
    lease,
    created: createdAt,
    expires: expiresAt,
  }
}
