import { AppError } from '#shared/errors/AppError.ts'
import { type DeploymentProvider, deploymentProvidersSchema, type PublicProvider } from '#shared/protocol/sapi/federation.ts'
import { type SecretBox, secretBox } from '#edge/auth/secret-box.ts'
import { chainOf, type DomainRow, findDomainByName } from '#edge/db/d1/domains.ts'
import { listOAuthProvidersOf, type OAuthProviderInDomain } from '#edge/db/d1/oauth-providers.ts'
import { type DomainChain, isDisabled } from '#edge/domain/identity/domain-chain.ts'
import type { Env } from '#edge/env.ts'
import { deploymentSettings, policyFrom } from '../directory.ts'
import type { Scope } from '../scope.ts'

/** A login provider as it is used, whoever configured it. */
export interface Provider extends DeploymentProvider {
  /** Names it for ever, for what rests on its word. */
  readonly key: string
  /** Path of the domain that configured it and for which, with those under it, it speaks. Undefined: the deployment did. */
  readonly path: string | undefined
}

/** Secrets of domains' providers, sealed under the id of each. */
export const providerSecretBox = (env: Pick<Env, 'RINGWAY_MASTER_KEY'>): Promise<SecretBox> =>
  secretBox(env.RINGWAY_MASTER_KEY, 'login providers')

const parsedProviders = new Map<string, readonly DeploymentProvider[]>()

/** @throws AppError `unavailable` where the configuration is none. */
export function deploymentProviders(env: Pick<Env, 'RINGWAY_OAUTH_PROVIDERS'>): readonly DeploymentProvider[] {
  const text = env.RINGWAY_OAUTH_PROVIDERS ?? '[]'
  const kept = parsedProviders.get(text)
  if (kept !== undefined) return kept
  const parsed = deploymentProvidersSchema.safeParse(jsonOf(text))
  if (!parsed.success) {
    // Where the fault is, and nothing of what is there: it holds secrets.
    const where = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')
    throw new AppError('unavailable', { cause: new Error(`RINGWAY_OAUTH_PROVIDERS is not a list of login providers: ${where}`) })
  }
  parsedProviders.set(text, parsed.data)
  return parsed.data
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** What a page may show: the providers that somebody of this domain can sign in with. None for a domain that is not there. */
export async function providersFor(scope: Scope, domainName: string | undefined): Promise<PublicProvider[]> {
  const chain = await federatedChain(scope, domainName)
  if (chain === undefined) return []
  const offered = await offeredOn(scope, chain)
  return [...offered.values()].map(({ name, displayName }) => ({ name, displayName: displayName || name }))
}

/** The domain with its ancestors. Undefined: it is not there, out of use, or lets nobody sign in by a provider (DOM-3). */
export async function federatedChain(scope: Scope, domainName: string | undefined): Promise<DomainChain<DomainRow> | undefined> {
  const domain = await findDomainByName(scope.db, domainName ?? scope.env.RINGWAY_DEFAULT_DOMAIN)
  if (domain === undefined) return undefined
  const chain = await chainOf(scope.db, domain)
  if (isDisabled(chain)) return undefined
  const { services } = policyFrom(chain, deploymentSettings(scope.env))
  return services.includes('login') && services.includes('oauth2client') ? chain : undefined
}

/** @throws AppError `notFound`. */
export async function providerOn(scope: Scope, chain: DomainChain<DomainRow>, name: string): Promise<Provider> {
  const found = (await offeredOn(scope, chain)).get(name)
  if (found === undefined) throw new AppError('notFound')
  return 'row' in found ? fromRow(scope, found.row) : fromDeployment(found)
}

/** The provider of this key. Undefined: it was removed. */
export async function providerOfKey(scope: Scope, key: string, chain: DomainChain<DomainRow>): Promise<Provider | undefined> {
  const configured = deploymentProviders(scope.env).find(({ name }) => deploymentKey(name) === key)
  if (configured !== undefined) return fromDeployment(configured)
  const rows = await rowsOn(scope, chain)
  const row = rows.find(({ provider }) => provider.id === key)
  return row === undefined ? undefined : fromRow(scope, row)
}

/**
 * The provider of this key, where it is in use for users of this domain: enabled, and not switched off by a
 * nearer one of its name.
 */
export async function usableProviderOfKey(
  scope: Scope,
  key: string,
  chain: DomainChain<DomainRow>,
): Promise<Pick<DeploymentProvider, 'name' | 'issuer'> | undefined> {
  const rows = (await rowsOn(scope, chain)).toSorted((a, b) => a.domain.path.length - b.domain.path.length)
  const found =
    rows.find(({ provider }) => provider.id === key)?.provider ??
    deploymentProviders(scope.env).find(({ name }) => deploymentKey(name) === key)
  const nearest = rows.findLast(({ provider }) => provider.name === found?.name)
  return found?.enabled === true && nearest?.provider.enabled !== false ? found : undefined
}

type Offered = DeploymentProvider | (Pick<DeploymentProvider, 'name' | 'displayName'> & { readonly row: OAuthProviderInDomain })

/** By name: the nearest of each, so that a domain replaces what it would inherit, or switches it off. */
async function offeredOn(scope: Scope, chain: DomainChain<DomainRow>): Promise<Map<string, Offered>> {
  const offered = new Map<string, Offered & { readonly enabled: boolean }>()
  for (const provider of deploymentProviders(scope.env)) offered.set(provider.name, provider)
  const rows = await rowsOn(scope, chain)
  for (const row of rows.toSorted((a, b) => a.domain.path.length - b.domain.path.length)) {
    const { name, displayName, enabled } = row.provider
    offered.set(name, { name, displayName, enabled, row })
  }
  return new Map([...offered].filter(([, { enabled }]) => enabled))
}

const rowsOn = (scope: Scope, chain: DomainChain<DomainRow>): Promise<OAuthProviderInDomain[]> =>
  listOAuthProvidersOf(
    scope.db,
    chain.map(({ id }) => id),
  )

export const deploymentKey = (name: string): string => `deployment:${name}`

const fromDeployment = (provider: DeploymentProvider): Provider => ({ ...provider, key: deploymentKey(provider.name), path: undefined })

async function fromRow(scope: Scope, { provider, domain }: OAuthProviderInDomain): Promise<Provider> {
  const { id, sealedClientSecret } = provider
  const clientSecret = sealedClientSecret === null ? null : await (await providerSecretBox(scope.env)).open(sealedClientSecret, id)
  return { ...provider, clientSecret, key: id, path: domain.path }
}
