import { AppError } from '#shared/errors/AppError.ts'
import type { CreateCredential, CredentialView, ListCredentialsQuery, ReplaceCredential } from '#shared/protocol/sapi/credentials.ts'
import { assertNever } from '#shared/result/result.ts'
import {
  type CredentialChange,
  type CredentialInDomain,
  type CredentialRow,
  deleteCredential,
  findCredential,
  listCredentials,
  updateCredential,
} from '#edge/db/d1/credentials.ts'
import { deleteSipMapping, findSipMapping, listSipMappings, type SipMappingInDomain } from '#edge/db/d1/sip-mappings.ts'
import { type Actor, administers, mayHandle } from '#edge/domain/identity/access.ts'
import type { Change } from './change.ts'
import { changedClient, clientDataOf, createClient, losesPowers } from './credentials/clients.ts'
import { viewWith } from './credentials/common.ts'
import { changedIms, createIms } from './credentials/ims.ts'
import { changedPassword, createPassword } from './credentials/passwords.ts'
import { changeMapping, createMapping, mappingView } from './credentials/sip-mapping.ts'
import { announceEnded } from './ended-logins.ts'
import { type PageOf, pageOf } from './page.ts'
import { refuseBroken } from './refuse-broken.ts'
import type { Scope } from './scope.ts'
import { keepPlatformAdmin } from './users.ts'
import { administeredDomainNamed, scopePath } from './visible-domains.ts'

/** CRED-1: passwords of users, OAuth clients of domains, accounts on SIP gateways, SIP identities. */

/** SIP mappings are stored apart; ids of both grow with time, so the two lists are one. */
export async function listCredentialsFor(scope: Scope, actor: Actor, query: ListCredentialsQuery): Promise<PageOf<CredentialView>> {
  const { user, domain, type, cursor, limit } = query
  const path = domain === undefined ? await scopePath(scope, actor) : (await administeredDomainNamed(scope, actor, domain)).path
  const page = { path, after: cursor, limit: limit + 1 }
  const stored = type === 'sip-mapping' ? [] : await listCredentials(scope.db, { ...page, userId: user, type })
  const owner = user === undefined ? undefined : { userId: user }
  const mappings = type === undefined || type === 'sip-mapping' ? await listSipMappings(scope.db, { ...page, owner }) : []
  const views = [...stored.map(viewOf), ...mappings.map(mappingView)].toSorted((a, b) => (a.id < b.id ? -1 : 1))
  return pageOf(views, { limit, cursorOf: ({ id }) => id, view: (view) => view })
}

export async function getCredential(scope: Scope, actor: Actor, id: string): Promise<CredentialView> {
  return viewOfAny(await administeredCredential(scope, actor, id))
}

/** A password replaces the one the user has and ends its logins. A client's secret is told here and never again. */
export async function createCredential(scope: Scope, actor: Actor, body: CreateCredential): Promise<CredentialView> {
  switch (body.type) {
    case 'basic':
      return createPassword(scope, actor, body)
    case 'client':
      return createClient(scope, actor, body)
    case 'ims':
      return createIms(scope, actor, body)
    case 'sip-mapping':
      return createMapping(scope, actor, body)
    default:
      return assertNever(body)
  }
}

/** Changes what a type lets change. The logins of an OAuth client that may do less from now on end. */
export async function changeCredential(
  scope: Scope,
  actor: Actor,
  id: string,
  by: Change<CredentialView, ReplaceCredential>,
): Promise<CredentialView> {
  const found = await administeredCredential(scope, actor, id)
  const before = viewOfAny(found)
  const body = await by.of(before)
  for (const field of ['type', 'domain', 'user'] as const) {
    if (body[field] !== undefined && body[field] !== before[field]) throw new AppError('conflict', { context: { reason: 'fixed', field } })
  }
  if ('mapping' in found) return changeMapping(scope, actor, found, body)
  const change = await changeOf(scope, actor, found, body)
  const ending = changesLogins(found.credential, change) ? { credentialId: id } : { loginIds: [] }
  announceEnded(scope, await refuseBroken(() => updateCredential(scope.db, found.credential, change, { ending, now: scope.clock.now() })))
  return viewOf({ ...found, credential: { ...found.credential, ...change } })
}

const changesLogins = ({ type, data }: CredentialRow, change: Partial<CredentialChange>): boolean =>
  type === 'client' && change.data !== undefined && losesPowers(data, change.data)

/** Removes the credential and ends the logins that were made with it. */
export async function removeCredential(
  scope: Scope,
  actor: Actor,
  id: string,
  expect: (current: CredentialView) => Promise<void>,
): Promise<void> {
  const found = await administeredCredential(scope, actor, id)
  await expect(viewOfAny(found))
  if ('mapping' in found) return deleteSipMapping(scope.db, found.mapping, scope.clock.now())
  if (found.credential.type === 'basic' && found.user !== null) await keepPlatformAdmin(scope, found.user)
  announceEnded(scope, await refuseBroken(() => deleteCredential(scope.db, found, scope.clock.now())))
}

async function changeOf(
  scope: Scope,
  actor: Actor,
  { credential }: CredentialInDomain,
  body: ReplaceCredential,
): Promise<Partial<CredentialChange>> {
  switch (credential.type) {
    case 'basic':
      return changedPassword(scope, credential, body)
    case 'client':
      return changedClient(scope, actor, credential, body)
    case 'ims':
      return changedIms(scope, credential, body)
    default:
      return assertNever(credential.type)
  }
}

/** @throws AppError `notFound` outside the actor's domains, `forbidden` where it gives more than the actor has. */
async function administeredCredential(scope: Scope, actor: Actor, id: string): Promise<CredentialInDomain | SipMappingInDomain> {
  const found = (await findCredential(scope.db, id)) ?? (await findSipMapping(scope.db, id))
  if (found === undefined || !administers(actor, found.domain.path)) throw new AppError('notFound')
  const role = 'mapping' in found ? undefined : (found.user?.role ?? found.credential.data['role'])
  if (role === 'platform-admin' && !mayHandle(actor, role)) throw new AppError('forbidden', { context: { role } })
  return found
}

const viewOfAny = (found: CredentialInDomain | SipMappingInDomain): CredentialView =>
  'mapping' in found ? mappingView(found) : viewOf(found)

function viewOf(found: CredentialInDomain): CredentialView {
  const { credential } = found
  switch (credential.type) {
    case 'basic':
      return viewWith(found, {})
    case 'client':
      return viewWith(found, clientDataOf(credential))
    case 'ims':
      return viewWith(found, credential.data)
    default:
      return assertNever(credential.type)
  }
}
