import type { KnownService } from '#shared/protocol/sapi/services.ts'

/**
 * Capabilities of a session (CAP-1):
 *
 *   (what the domain's services offer ∩ what the client's stack can do, of those that need a stack)
 *   ∪ forced (`+name`) − pruned (`-name`), of the domain, its ancestors and the user.
 *
 * Pruning wins over forcing: a limit of an ancestor cannot be undone below it. Forced names are free
 * text and passed through.
 */

const byService: Readonly<Record<KnownService, readonly string[]>> = {
  login: ['login'],
  presence: ['presence'],
  callcontrol: ['callcontrol', 'call-history'],
  contacts: ['contacts'],
  chat: ['chat'],
  datapipe: ['datapipe'],
  filetransfer: ['filetransfer'],
  forms: ['forms'],
  im: ['im'],
  ldap: [],
  meetings: ['meetings'],
  oauth2client: ['login-token'],
  remotelog: ['log'],
  callalarms: ['call-alarms'],
  usersettings: ['settings'],
  recording: ['recording'],
  stats: ['stats'],
}

/** Those that every domain has. */
const core = ['credentials', 'sessions']

/** What a client's media stack provides, under the service that it needs at the edge. */
const stackByService: Readonly<Partial<Record<KnownService, readonly string[]>>> = {
  callcontrol: [
    'attended-transfer',
    'audio-call',
    'audio-video-call',
    'blind-transfer',
    'collaboration-call',
    'conference-hold',
    'conferences',
    'datachannel',
    'geturi',
    'hold',
    'local-recording',
    'media-update',
    'multicall',
    'network-reporting',
    'screen-sharing',
    'stats-reporting',
    'video-call',
  ],
}

export interface CapabilityRules {
  /** Services that the domain may use. */
  readonly services: readonly string[]
  /** Forced and pruned ones of the domain and its ancestors. */
  readonly domain: readonly string[]
  /** Forced and pruned ones of the user. */
  readonly user: readonly string[]
}

/** What a session may use. `stack` is what its client says it can do. */
export function sessionCapabilities(rules: CapabilityRules, stack: readonly string[]): string[] {
  const able = new Set(stack)
  const usable = rules.services.flatMap((service) => lookup(stackByService, service)).filter((name) => able.has(name))
  return adjust([...offeredBy(rules.services), ...usable], [...rules.domain, ...rules.user])
}

/** What a domain offers, whatever the client. */
export const domainCapabilities = (rules: Pick<CapabilityRules, 'services' | 'domain'>): string[] =>
  adjust(offeredBy(rules.services), rules.domain)

export const isPruned = (rules: Pick<CapabilityRules, 'domain' | 'user'>, name: string): boolean =>
  [...rules.domain, ...rules.user].includes(`-${name}`)

const offeredBy = (services: readonly string[]): string[] => [...core, ...services.flatMap((service) => lookup(byService, service))]

const lookup = (table: Readonly<Record<string, readonly string[] | undefined>>, service: string): readonly string[] =>
  Object.hasOwn(table, service) ? (table[service] ?? []) : []

function adjust(base: readonly string[], rules: readonly string[]): string[] {
  const pruned = new Set(rules.filter((rule) => rule.startsWith('-')).map((rule) => rule.slice(1)))
  // A name without a sign is what older clients write for a forced one.
  const forced = rules.filter((rule) => !rule.startsWith('-')).map((rule) => rule.replace(/^\+/, ''))
  return [...new Set([...base, ...forced])].filter((name) => !pruned.has(name)).toSorted()
}
