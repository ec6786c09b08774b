import { defaultSettings, type Settings, type SettingsLayer, settingsLayerSchema } from '#shared/protocol/settings.ts'

/**
 * Resolves the layers of one domain into the whole.
 *
 * The deployment's layer replaces built-in defaults. In `chain`, root domain first and the domain itself
 * last, a later layer overrides an earlier one, except for limits: what an ancestor sets is a ceiling
 * for all domains under it (DOM-1).
 */
export function resolveSettings(layers: { deployment?: SettingsLayer; chain: readonly SettingsLayer[] }): Settings {
  const base = overlay(defaultSettings, layers.deployment ?? {})
  return layers.chain.reduce((state, layer) => descend(state, layer), { settings: base, ceilings: noCeilings }).settings
}

/** A whole that may have been stored before there were all of today's options: what it lacks is as by default. */
export const storedSettingsSchema = settingsLayerSchema.transform((stored): Settings => overlay(defaultSettings, stored))

/** The limits that a layer sets, for whoever must know whether a change touches one. */
export function limitsOf(layer: SettingsLayer): Limits {
  return {
    participantsLimit: layer.rooms?.participantsLimit,
    cameraBandwidth: layer.media?.cameraBandwidth,
    screenBandwidth: layer.media?.screenBandwidth,
    accessTokenLifetime: layer.logins?.accessTokenLifetime,
    refreshTokenLifetime: layer.logins?.refreshTokenLifetime,
    maxTokens: layer.logins?.maxTokens,
    exclusive: layer.logins?.exclusive,
    requestsPer10s: layer.quotas?.requestsPer10s,
    users: layer.quotas?.users,
  }
}

export interface Limits {
  readonly participantsLimit: number | undefined
  readonly cameraBandwidth: number | undefined
  readonly screenBandwidth: number | undefined
  readonly accessTokenLifetime: number | undefined
  readonly refreshTokenLifetime: number | undefined
  readonly maxTokens: number | undefined
  /** True is the stricter one. */
  readonly exclusive: boolean | undefined
  readonly requestsPer10s: number | undefined
  readonly users: number | undefined
}

const noCeilings: Limits = limitsOf({})

interface Descent {
  readonly settings: Settings
  readonly ceilings: Limits
}

function descend({ settings, ceilings }: Descent, layer: SettingsLayer): Descent {
  const merged = overlay(settings, layer)
  return { settings: clamp(merged, ceilings), ceilings: tighten(ceilings, limitsOf(layer)) }
}

function overlay(base: Settings, layer: SettingsLayer): Settings {
  return {
    rooms: { ...base.rooms, ...layer.rooms },
    invites: { ...base.invites, ...layer.invites },
    conferences: { ...base.conferences, ...layer.conferences },
    meetings: { ...base.meetings, ...layer.meetings },
    media: { ...base.media, ...layer.media },
    logins: { ...base.logins, ...layer.logins },
    calls: { ...base.calls, ...layer.calls },
    sip: { ...base.sip, ...layer.sip },
    quotas: { ...base.quotas, ...layer.quotas },
  }
}

function clamp(settings: Settings, ceilings: Limits): Settings {
  return {
    ...settings,
    rooms: { ...settings.rooms, participantsLimit: lower(settings.rooms.participantsLimit, ceilings.participantsLimit) },
    media: {
      ...settings.media,
      cameraBandwidth: lower(settings.media.cameraBandwidth, ceilings.cameraBandwidth),
      screenBandwidth: lower(settings.media.screenBandwidth, ceilings.screenBandwidth),
    },
    logins: {
      ...settings.logins,
      accessTokenLifetime: lower(settings.logins.accessTokenLifetime, ceilings.accessTokenLifetime),
      refreshTokenLifetime: lower(settings.logins.refreshTokenLifetime, ceilings.refreshTokenLifetime),
      maxTokens: lowerCount(settings.logins.maxTokens, ceilings.maxTokens) ?? 0,
      exclusive: settings.logins.exclusive || ceilings.exclusive === true,
    },
    quotas: {
      requestsPer10s: lowerCount(settings.quotas.requestsPer10s, ceilings.requestsPer10s) ?? 0,
      users: lowerCount(settings.quotas.users, ceilings.users) ?? 0,
    },
  }
}

function tighten(ceilings: Limits, own: Limits): Limits {
  return {
    participantsLimit: lowest(ceilings.participantsLimit, own.participantsLimit),
    cameraBandwidth: lowest(ceilings.cameraBandwidth, own.cameraBandwidth),
    screenBandwidth: lowest(ceilings.screenBandwidth, own.screenBandwidth),
    accessTokenLifetime: lowest(ceilings.accessTokenLifetime, own.accessTokenLifetime),
    refreshTokenLifetime: lowest(ceilings.refreshTokenLifetime, own.refreshTokenLifetime),
    maxTokens: lowerCount(ceilings.maxTokens, own.maxTokens),
    exclusive: ceilings.exclusive === true || own.exclusive === true,
    requestsPer10s: lowerCount(ceilings.requestsPer10s, own.requestsPer10s),
    users: lowerCount(ceilings.users, own.users),
  }
}

const lower = (value: number, ceiling: number | undefined): number => Math.min(value, ceiling ?? value)

const lowest = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined || b === undefined ? (a ?? b) : Math.min(a, b)

/** The lower of two counts of which 0 means without limit. */
function lowerCount(a: number | undefined, b: number | undefined): number | undefined {
  if (!a || !b) return a || b || (a ?? b)
  return Math.min(a, b)
}
