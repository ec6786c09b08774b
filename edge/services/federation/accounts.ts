import { AppError } from '#shared/errors/AppError.ts'
import { newId } from '#shared/ids/ids.ts'
import type { Settings } from '#shared/protocol/settings.ts'
import { brokenConstraint } from '#edge/db/d1/constraints.ts'
import { chainOf, type DomainRow, findDomainByName } from '#edge/db/d1/domains.ts'
import {
  type FederatedIdentity,
  findUsersByEmail,
  findUsersOfIdentity,
  insertUserOfIdentity,
  linkIdentity,
} from '#edge/db/d1/oauth-identities.ts'
import type { UserInDomain, UserRow } from '#edge/db/d1/users.ts'
import { type DomainChain, isDisabled, ownNode } from '#edge/domain/identity/domain-chain.ts'
import {
  capabilityRulesOf,
  domainChoices,
  type FederatedProfile,
  forcedDomainOf,
  isWithin,
  mayBeNamed,
  profileOf,
} from '#edge/domain/identity/federated-account.ts'
import { searchTextOf } from '#edge/domain/identity/search.ts'
import { deploymentSettings, forgetDomainsAndUsers, policyFrom } from '../directory.ts'
import type { Scope } from '../scope.ts'
import { quotaConflict, userQuotasOf } from '../user-quotas.ts'
import type { Provider } from './providers.ts'

/** What a provider has said of somebody, validated. */
export interface Assertion {
  readonly issuer: string
  readonly subject: string
  readonly claims: Readonly<Record<string, unknown>>
}

/** Where somebody signs in. */
export interface Door {
  /** Domain that was signed in to, with its ancestors. */
  readonly chain: DomainChain<DomainRow>
  /** It was named, and is not merely the one that is there where none is named. */
  readonly isChosen: boolean
  /** The tokens go to pages of that domain, so only users of that domain and those under it come in. */
  readonly onlyOwnUsers: boolean
  /** Those pages are not ours: their owner learns the tokens. */
  readonly isForeignPage: boolean
}

/**
 * The user here for somebody there (AUTH-2): the one that the identity was linked to before, or one created
 * for it. An account that merely has the same user name or e-mail address is never taken for the same person:
 * whoever can choose a name or an unverified address at some provider would own that account. Only where an
 * admin has set `linkByVerifiedEmail`, and the provider has verified the address, is the account with that
 * address linked.
 *
 * One identity may have an account in each of several domains, and none of these is in the way of another:
 * the domain signed in to comes first, then the one that a new account would be made in. Any other is taken
 * only where no domain was named.
 * @throws AppError `accountUnknown`, `accountTaken`.
 */
export async function accountOf(scope: Scope, provider: Provider, assertion: Assertion, door: Door): Promise<UserInDomain> {
  const identity = { provider: provider.key, issuer: assertion.issuer, subject: assertion.subject }
  const linked = (await findUsersOfIdentity(scope.db, identity)).filter((found) => mayEnter(provider, found, door))
  const requested = ownNode(door.chain)
  const here =
    linked.find(({ domain }) => domain.id === requested.id) ?? linked.find(({ domain }) => domain.path.startsWith(requested.path))
  const known = here ?? (door.isChosen ? undefined : linked[0])
  if (known !== undefined) return known

  const profile = profileOf(assertion.claims, provider)
  const chain = await domainOfNew(scope, provider, profile, door)
  if (chain === undefined) return refuse(scope, provider, 'noDomain')
  const there = linked.find(({ domain }) => domain.id === ownNode(chain).id)
  if (there !== undefined) return there
  const { settings } = policyFrom(chain, deploymentSettings(scope.env))
  const newcomer = { provider, profile, chain, settings, identity, door }
  const byEmail = await linkedByEmail(scope, newcomer)
  if (byEmail !== undefined) return byEmail
  if (!(provider.createOAuthUser ?? settings.logins.createOAuthUser)) return refuse(scope, provider, 'notCreated')
  return create(scope, newcomer)
}

/**
 * A provider speaks only for the domain that configured it and those under it: a user that has moved away
 * is no longer its to sign in. And as only a platform admin handles platform admins, no domain's provider
 * signs one in, and none comes in at a page that a domain's admin has claimed.
 */
function mayEnter(provider: Provider, { user, domain }: UserInDomain, { chain, onlyOwnUsers, isForeignPage }: Door): boolean {
  const outer = [...(provider.path === undefined ? [] : [provider.path]), ...(onlyOwnUsers ? [ownNode(chain).path] : [])]
  if (!isWithin(domain.path, outer)) return false
  return user.role !== 'platform-admin' || (provider.path === undefined && !isForeignPage)
}

async function domainOfNew(
  scope: Scope,
  provider: Provider,
  profile: FederatedProfile,
  { chain, isChosen, onlyOwnUsers }: Door,
): Promise<DomainChain<DomainRow> | undefined> {
  const requested = ownNode(chain)
  const choices = domainChoices({
    profile,
    provider,
    forcedBySettings: forcedDomainOf(deploymentSettings(scope.env), chain),
    requested: requested.name,
  })
  for (const { name, within, byProvider, required } of choices) {
    const domain = await findDomainByName(scope.db, name)
    const isFit =
      domain !== undefined &&
      isWithin(domain.path, onlyOwnUsers ? [...within, requested.path] : within) &&
      (!byProvider || mayBeNamed(domain, { requested, isChosen }))
    const found = isFit ? await chainOf(scope.db, domain) : undefined
    if (found !== undefined && !isDisabled(found)) return found
    if (required) return undefined
  }
  return undefined
}

interface Newcomer {
  readonly provider: Provider
  readonly profile: FederatedProfile
  readonly chain: DomainChain<DomainRow>
  readonly settings: Settings
  readonly identity: FederatedIdentity
  readonly door: Door
}

async function linkedByEmail(scope: Scope, newcomer: Newcomer): Promise<UserInDomain | undefined> {
  const { provider, profile, chain, settings, identity, door } = newcomer
  if (!(provider.linkByVerifiedEmail ?? settings.logins.linkByVerifiedEmail) || !profile.emailVerified) return undefined
  const [only, ...more] = await findUsersByEmail(scope.db, { domainId: ownNode(chain).id, email: profile.email })
  if (only === undefined || more.length > 0) return undefined
  if (!mayEnter(provider, only, door)) return refuse(scope, provider, 'notItsUser')
  await linkIdentity(scope.db, identity, { userId: only.user.id, now: scope.clock.now() })
  scope.logger.info('federation.linked', { provider: provider.key, userId: only.user.id, domainId: only.domain.id })
  return only
}

async function create(scope: Scope, newcomer: Newcomer): Promise<UserInDomain> {
  const { provider, profile, chain, settings, identity, door } = newcomer
  const domain = ownNode(chain)
  const [username] = profile.usernames
  if (username === undefined) return refuse(scope, provider, 'noUsername')
  const rules = capabilityRulesOf(provider.newUserCaps ?? settings.logins.newUserCaps)
  const user: UserRow = {
    id: newId(),
    domainId: domain.id,
    username,
    email: profile.email,
    role: 'user',
    capabilities: rules,
    mobilePhone: [],
    landLineNumber: '',
    alias: profile.displayName,
    search: searchTextOf({ username, alias: profile.displayName }),
    disabled: false,
    hasHub: false,
    revision: 1,
    createdAt: scope.clock.now(),
    lastLogin: null,
  }
  const quotas = await userQuotasOf(scope, domain)
  try {
    await insertUserOfIdentity(scope.db, identity, { user, quotas })
  } catch (thrown) {
    if (quotaConflict(thrown, quotas) !== undefined) return refuse(scope, provider, 'usersQuota')
    if (brokenConstraint(thrown) !== 'unique') throw thrown
    // Another of the same person's first logins was quicker, or the name is somebody else's.
    const meanwhile = (await findUsersOfIdentity(scope.db, identity)).find((found) => found.domain.id === domain.id)
    if (meanwhile !== undefined && mayEnter(provider, meanwhile, door)) return meanwhile
    throw new AppError('accountTaken', { context: { username: `${username}@${domain.name}` }, cause: thrown })
  }
  forgetDomainsAndUsers()
  scope.logger.info('federation.userCreated', { provider: provider.key, userId: user.id, domainId: domain.id })
  return { user, domain }
}

/** Why is for the log: an answer that told it would tell who has an account where. */
function refuse(scope: Scope, provider: Provider, reason: string): never {
  scope.logger.warn('login.failed', { provider: provider.key, reason })
  throw new AppError('accountUnknown')
}
