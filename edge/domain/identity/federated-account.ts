import { domainNameSchema, usernameSchema } from '#shared/protocol/sapi/names.ts'
import type { SettingsLayer } from '#shared/protocol/settings.ts'

/** What a login provider's word becomes here (AUTH-2). */

export interface ClaimMapping {
  readonly usernameClaim: string
  readonly emailClaim: string
  readonly domainClaim: string | null
}

export interface FederatedProfile {
  /** User names that it could have, the best first; each one valid. */
  readonly usernames: readonly string[]
  /** Empty: none. */
  readonly email: string
  readonly emailVerified: boolean
  readonly displayName: string
  /** As the provider names it. Undefined: it does not. */
  readonly domain: string | undefined
}

/**
 * What an ID token and the user info say together. The second is the later word, except that an address and
 * whether it is verified belong together, wherever they are said.
 */
export function mergedClaims(
  { email, email_verified, ...token }: Readonly<Record<string, unknown>>,
  { email: toldEmail, email_verified: toldVerified, ...told }: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const address = toldEmail === undefined ? { email, email_verified } : { email: toldEmail, email_verified: toldVerified }
  return { ...token, ...told, ...address, iss: token['iss'], sub: token['sub'] }
}

/** Claims are another's words: what is not of the expected shape is as if it was absent. */
export function profileOf(claims: Readonly<Record<string, unknown>>, mapping: ClaimMapping): FederatedProfile {
  const email = textOf(claims[mapping.emailClaim], 254)
  const usable = /^[^\s@]+@[^\s@]+$/.test(email) ? email : ''
  const name = textOf(claims['name'], 128) || [textOf(claims['given_name'], 60), textOf(claims['family_name'], 60)].join(' ').trim()
  const candidates = [textOf(claims[mapping.usernameClaim], 254), usable].map(usernameFrom)
  const domain = mapping.domainClaim === null ? '' : textOf(claims[mapping.domainClaim], 253)
  return {
    usernames: [...new Set(candidates.filter((candidate) => candidate !== undefined))],
    email: usable,
    // Of the claim `email` only (OpenID Connect Core §5.1). Some providers send it as text.
    emailVerified: usable !== '' && usable === textOf(claims['email'], 254) && ['true', true].includes(wordOf(claims['email_verified'])),
    displayName: name,
    domain: domain === '' ? undefined : domain,
  }
}

const textOf = (value: unknown, limit: number): string => (typeof value === 'string' && value.length <= limit ? value.trim() : '')

const wordOf = (value: unknown): string | boolean => (typeof value === 'string' || typeof value === 'boolean' ? value : false)

/** `Ana.García@example.com` and `Ana García` are both `ana.garcia`. */
function usernameFrom(text: string): string | undefined {
  const [local = ''] = text.split('@')
  const plain = local
    .normalize('NFKD')
    .replace(/\p{Mark}/gu, '')
    .trim()
    .replace(/\s+/g, '.')
  return usernameSchema.safeParse(plain).data
}

/** A domain that a new user might belong to. */
export interface DomainChoice {
  readonly name: string
  /** Paths of domains, at or under each of which it must be. */
  readonly within: readonly string[]
  /** It is the provider's word, which leads to some domains only (`mayBeNamed`). */
  readonly byProvider: boolean
  /** Where it cannot be had, no other is taken. */
  readonly required: boolean
}

/** A setting together with the place that set it. */
export interface ForcedDomain {
  readonly name: string
  /** Path of the domain whose settings say so; undefined: the deployment's. */
  readonly by: string | undefined
}

interface Node {
  readonly path: string
  readonly settings: SettingsLayer
}

/**
 * `OAuthUserForcedDomain` of a domain, `chain` root first, and who has set it. A domain speaks for itself
 * and those under it: none forces users, made with its own settings, into another tenant.
 */
export function forcedDomainOf(deployment: SettingsLayer, chain: readonly Node[]): ForcedDomain | undefined {
  for (const { path, settings } of chain.toReversed()) {
    const name = settings.logins?.OAuthUserForcedDomain
    if (name !== undefined) return name === null ? undefined : { name, by: path }
  }
  const name = deployment.logins?.OAuthUserForcedDomain ?? null
  return name === null ? undefined : { name, by: undefined }
}

/**
 * Where a new user may belong, the first that can be had: what is forced; what the provider names; the
 * domain of the e-mail address, where that is verified; the domain that was signed in to. A provider that a
 * domain has configured speaks for that domain and those under it only.
 */
export function domainChoices(options: {
  readonly profile: FederatedProfile
  readonly provider: { readonly path: string | undefined; readonly OAuthUserForcedDomain: string | null }
  readonly forcedBySettings: ForcedDomain | undefined
  readonly requested: string
}): DomainChoice[] {
  const { profile, provider, forcedBySettings, requested } = options
  const within = provider.path === undefined ? [] : [provider.path]
  if (provider.OAuthUserForcedDomain !== null) return [{ name: provider.OAuthUserForcedDomain, within, byProvider: false, required: true }]
  if (forcedBySettings !== undefined) {
    const { name, by } = forcedBySettings
    return [{ name, within: by === undefined ? within : [...within, by], byProvider: false, required: true }]
  }
  if (profile.domain !== undefined) return [{ name: profile.domain, within, byProvider: true, required: true }]
  const ofEmail = profile.emailVerified ? domainNameSchema.safeParse(profile.email.split('@')[1]).data : undefined
  const last = { name: requested, within, byProvider: false, required: true }
  return ofEmail === undefined ? [last] : [{ name: ofEmail, within, byProvider: true, required: false }, last]
}

/**
 * Whether a domain that a provider names, or whose name is that of an e-mail address, counts at this door.
 * Names are free to whoever gives them: an admin who calls a domain under its own `corp.com` must not get
 * whom others let in with such an address. So the name has to be given by those who administer the domain
 * signed in to: its own, or that of a domain right under it. Where none was chosen, so are those of the
 * deployment, which platform admins give to domains without a parent.
 */
export const mayBeNamed = (
  domain: { readonly id: string; readonly parentId: string | null },
  { requested, isChosen }: { readonly requested: { readonly id: string }; readonly isChosen: boolean },
): boolean => domain.id === requested.id || domain.parentId === requested.id || (!isChosen && domain.parentId === null)

export const isWithin = (path: string, outer: readonly string[]): boolean => outer.every((prefix) => path.startsWith(prefix))

/** `+call-history,-chat` as rules (CAP-1). */
export const capabilityRulesOf = (text: string): string[] => [
  ...new Set(
    text
      .split(',')
      .map((rule) => rule.trim())
      .filter((rule) => rule !== ''),
  ),
]
