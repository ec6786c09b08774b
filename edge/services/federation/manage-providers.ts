import { AppError } from '#shared/errors/AppError.ts'
import { newId } from '#shared/ids/ids.ts'
import type {
  CreateOAuthProvider,
  ListOAuthProvidersQuery,
  OAuthProviderView,
  ReplaceOAuthProvider,
} from '#shared/protocol/sapi/federation.ts'
import { type DomainRow, findDomainByName } from '#edge/db/d1/domains.ts'
import {
  deleteOAuthProvider,
  findOAuthProvider,
  insertOAuthProvider,
  listOAuthProviders,
  type OAuthProviderInDomain,
  type OAuthProviderRow,
  updateOAuthProvider,
} from '#edge/db/d1/oauth-providers.ts'
import { type Actor, administers } from '#edge/domain/identity/access.ts'
import { isWithin } from '#edge/domain/identity/federated-account.ts'
import { outgoingUrl } from '#edge/domain/outgoing-urls.ts'
import type { Change } from '../change.ts'
import { announceEnded } from '../ended-logins.ts'
import { type PageOf, pageOf } from '../page.ts'
import { refuseBroken } from '../refuse-broken.ts'
import type { Scope } from '../scope.ts'
import { administeredDomainNamed, scopePath } from '../visible-domains.ts'
import { urlRulesOf } from './connection.ts'
import { providerSecretBox } from './providers.ts'

/** `/sapi/oauthProviders`: login providers of domains (AUTH-2). */

export async function listProvidersFor(scope: Scope, actor: Actor, query: ListOAuthProvidersQuery): Promise<PageOf<OAuthProviderView>> {
  const where =
    query.domain === undefined
      ? { path: await scopePath(scope, actor) }
      : { domainId: (await administeredDomainNamed(scope, actor, query.domain)).id }
  const rows = await listOAuthProviders(scope.db, { ...where, after: query.cursor, limit: query.limit + 1 })
  return pageOf(rows, { limit: query.limit, cursorOf: ({ provider }) => provider.id, view: viewOf })
}

export async function getProvider(scope: Scope, actor: Actor, id: string): Promise<OAuthProviderView> {
  return viewOf(await administeredProvider(scope, actor, id))
}

export async function createProvider(scope: Scope, actor: Actor, body: CreateOAuthProvider): Promise<OAuthProviderView> {
  const { domain: domainName, ...fields } = body
  const domain = await administeredDomainNamed(scope, actor, domainName)
  await check(scope, domain, fields)
  const { clientSecret, ...rest } = fields
  const id = newId()
  const provider: OAuthProviderRow = {
    ...rest,
    id,
    domainId: domain.id,
    sealedClientSecret: await sealed(scope, id, clientSecret),
    revision: 1,
    createdAt: scope.clock.now(),
  }
  await refuseBroken(() => insertOAuthProvider(scope.db, provider), { unique: { name: provider.name } })
  return viewOf({ provider, domain })
}

export async function changeProvider(
  scope: Scope,
  actor: Actor,
  id: string,
  by: Change<OAuthProviderView, ReplaceOAuthProvider>,
): Promise<OAuthProviderView> {
  const before = await administeredProvider(scope, actor, id)
  const { clientSecret, ...fields } = await by.of(viewOf(before))
  await check(scope, before.domain, fields)
  const isAnother = fields.issuer !== before.provider.issuer
  // Or an admin who may not read it would have it sent to a place of their choice.
  if (isAnother && clientSecret === undefined && before.provider.sealedClientSecret !== null)
    throw AppError.invalidField('clientSecret', 'With another issuer, it is needed again; null: none')
  const provider: OAuthProviderRow = {
    ...before.provider,
    ...fields,
    sealedClientSecret: clientSecret === undefined ? before.provider.sealedClientSecret : await sealed(scope, id, clientSecret),
  }
  const change = {
    row: provider,
    ending: !provider.enabled || isAnother || provider.clientId !== before.provider.clientId,
    forgetTokens: isAnother,
    now: scope.clock.now(),
  }
  announceEnded(
    scope,
    await refuseBroken(() => updateOAuthProvider(scope.db, before.provider, change), { unique: { name: provider.name } }),
  )
  return viewOf({ provider, domain: before.domain })
}

export async function removeProvider(
  scope: Scope,
  actor: Actor,
  id: string,
  expect: (current: OAuthProviderView) => Promise<void>,
): Promise<void> {
  const found = await administeredProvider(scope, actor, id)
  await expect(viewOf(found))
  const removal = () => deleteOAuthProvider(scope.db, found.provider, scope.clock.now())
  announceEnded(scope, await refuseBroken(removal, { unique: { name: found.provider.name } }))
}

/** @throws AppError `notFound` outside the actor's domains. */
async function administeredProvider(scope: Scope, actor: Actor, id: string): Promise<OAuthProviderInDomain> {
  const found = await findOAuthProvider(scope.db, id)
  if (found === undefined || !administers(actor, found.domain.path)) throw new AppError('notFound')
  return found
}

/**
 * The issuer is one that the edge may call, and users are forced into no domain but the provider's own and
 * those under it: any other answers like one that does not exist.
 */
async function check(scope: Scope, domain: DomainRow, fields: { issuer: string; OAuthUserForcedDomain: string | null }): Promise<void> {
  const url = outgoingUrl(fields.issuer, urlRulesOf(scope.env))
  if (!url.ok) throw AppError.invalidField('issuer', url.error)
  if (url.value.search !== '') throw AppError.invalidField('issuer', 'An issuer has no query (OpenID Connect Discovery §3)')
  const { OAuthUserForcedDomain: forced } = fields
  if (forced === null) return
  const target = await findDomainByName(scope.db, forced)
  if (target === undefined || !isWithin(target.path, [domain.path]))
    throw AppError.invalidField('OAuthUserForcedDomain', 'Neither the domain nor one under it')
}

const sealed = async (scope: Scope, id: string, secret: string | null): Promise<string | null> =>
  secret === null ? null : (await providerSecretBox(scope.env)).seal(secret, id)

function viewOf({ provider, domain }: OAuthProviderInDomain): OAuthProviderView {
  const { domainId: _, sealedClientSecret, revision: __, createdAt, ...fields } = provider
  return { ...fields, domain: domain.name, hasClientSecret: sealedClientSecret !== null, created: createdAt }
}
