import { describe, expect, it } from 'vitest'
import { defaultSettings, type SettingsLayer } from '#shared/protocol/settings.ts'
import { limitsOf, resolveSettings } from './settings.ts'

describe('resolveSettings', () => {
  it('yields the built-in defaults where nobody sets anything', () => {
    expect(resolveSettings({ chain: [{}] })).toEqual(defaultSettings)
  })

  it('lets each layer override the one before it', () => {
    const settings = resolveSettings({
      deployment: { rooms: { setOwner: false, removeAfter: 1 }, invites: { watchdog: null } },
      chain: [{ rooms: { removeAfter: 2 } }, { rooms: { removeAfter: 3, videoCodec: 'H264' } }],
    })
    expect(settings.rooms).toEqual({ ...defaultSettings.rooms, setOwner: false, removeAfter: 3, videoCodec: 'H264' })
    expect(settings.invites.watchdog).toBeNull()
    expect(settings.media).toEqual(defaultSettings.media)
  })

  it('lets a domain raise what is only a default', () => {
    const settings = resolveSettings({ deployment: { rooms: { participantsLimit: 10 } }, chain: [{ rooms: { participantsLimit: 50 } }] })
    expect(settings.rooms.participantsLimit).toBe(50)
  })

  it("holds a domain to each ancestor's limits", () => {
    const chain = [
      { rooms: { participantsLimit: 8 }, media: { cameraBandwidth: 700 } },
      { rooms: { participantsLimit: 20 }, media: { screenBandwidth: 900 } },
      { rooms: { participantsLimit: 100 }, media: { cameraBandwidth: 5000, screenBandwidth: 5000 } },
    ]
    const settings = resolveSettings({ chain })
    expect(settings.rooms.participantsLimit).toBe(8)
    expect(settings.media).toMatchObject({ cameraBandwidth: 700, screenBandwidth: 900 })
  })

  it('inherits a limit below which it sets nothing, and may go under it', () => {
    expect(resolveSettings({ chain: [{ rooms: { participantsLimit: 3 } }, {}] }).rooms.participantsLimit).toBe(3)
    expect(
      resolveSettings({ chain: [{ rooms: { participantsLimit: 3 } }, { rooms: { participantsLimit: 2 } }] }).rooms.participantsLimit,
    ).toBe(2)
  })

  it.each([
    { parent: 0, own: 5, resolved: 5 },
    { parent: 5, own: 0, resolved: 5 },
    { parent: 5, own: 2, resolved: 2 },
    { parent: 2, own: 5, resolved: 2 },
    { parent: 0, own: 0, resolved: 0 },
  ])('takes 0 logins for no limit: parent $parent, own $own', ({ parent, own, resolved }) => {
    const settings = resolveSettings({ chain: [{ logins: { maxTokens: parent } }, { logins: { maxTokens: own } }] })
    expect(settings.logins.maxTokens).toBe(resolved)
  })

  it('keeps the grandparent limit when the parent claims none', () => {
    const chain = [{ logins: { maxTokens: 4 } }, { logins: { maxTokens: 0 } }, { logins: { maxTokens: 9 } }]
    expect(resolveSettings({ chain }).logins.maxTokens).toBe(4)
  })
})

describe('exclusive logins and quotas', () => {
  const resolve = (...chain: SettingsLayer[]) => resolveSettings({ chain })

  it('lets no domain switch off what an ancestor switches on', () => {
    expect(resolve({ logins: { exclusive: true } }, { logins: { exclusive: false } }, {}).logins.exclusive).toBe(true)
    expect(resolve({ logins: { exclusive: false } }, { logins: { exclusive: true } }).logins.exclusive).toBe(true)
    expect(
      resolveSettings({ deployment: { logins: { exclusive: true } }, chain: [{ logins: { exclusive: false } }] }).logins.exclusive,
    ).toBe(false)
  })

  it("holds a domain to its ancestors' quotas, of which 0 is none", () => {
    expect(resolve({ quotas: { users: 10 } }, { quotas: { users: 0 } }).quotas.users).toBe(10)
    expect(resolve({ quotas: { requestsPer10s: 100, users: 5 } }, { quotas: { requestsPer10s: 900, users: 2 } }).quotas).toEqual({
      requestsPer10s: 100,
      users: 2,
    })
  })
})

describe('limitsOf', () => {
  it('names only what a layer sets', () => {
    const set = Object.entries(limitsOf({ rooms: { participantsLimit: 4, setOwner: true } })).filter(([, value]) => value !== undefined)
    expect(set).toEqual([['participantsLimit', 4]])
  })
})
