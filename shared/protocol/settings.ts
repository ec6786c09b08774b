import { z } from 'zod'
import { videoCodecSchema } from './media.ts'
import { capabilityListSchema, domainNameSchema } from './sapi/names.ts'

/**
 * Every option that a deployment and each domain may set. A stored layer is partial; the layers
 * deployment → ancestors → domain resolve into the whole (edge/domain/settings.ts).
 */
export const settingsSchema = z.object({
  rooms: z.object({
    setOwner: z.boolean(),
    updateRoomOwnerWhenLeaves: z.boolean(),
    removeAfter: z.number().int().min(0).max(600_000).describe("Milliseconds from the loss of a participant's socket until it is dropped."),
    participantsLimit: z.number().int().min(1).max(1000),
    notInACall: z.boolean().describe('True: a user in a call may not create another room.'),
    userIdAsRoomId: z.boolean(),
    videoCodec: videoCodecSchema,
  }),
  invites: z.object({
    allowInvitesWhileInCall: z.boolean().describe('False: a user in a call is busy.'),
    watchdog: z.number().int().min(1000).max(600_000).nullable().describe('Milliseconds until a ringing invite is declined; null: never.'),
    removeAfter: z
      .number()
      .int()
      .min(0)
      .max(600_000)
      .describe('Milliseconds until a device that lost its socket no longer counts as rung.'),
    onlyOneDeviceWithInvitations: z.boolean(),
  }),
  conferences: z.object({
    quickConferencePrefix: z
      .string()
      .regex(/^[a-z][a-z0-9-]{0,31}$/)
      .describe('Digits after this prefix name a quick conference (CONF-2).'),
    quickConferenceDigits: z.number().int().min(4).max(64),
  }),
  meetings: z.object({
    linkHost: z
      .url({ protocol: /^https?$/ })
      .max(512)
      .nullable()
      .describe('Where the links of meetings lead, such as `https://meetings.acme.com`; null: to the deployment itself.'),
    pstnExtension: z
      .string()
      .regex(/^\+?\d{2,15}$/)
      .nullable()
      .describe('The number by which meetings are joined by telephone, with a PIN of their own (MEET-3); null: there is none.'),
  }),
  media: z.object({
    cameraBandwidth: z.number().int().min(50).max(20_000).describe('Kilobits per second and source (SFU-3).'),
    screenBandwidth: z.number().int().min(50).max(20_000),
    participantsPerHost: z
      .number()
      .int()
      .min(1)
      .max(10_000)
      .describe('Participants of one room on one media host before the room spans to another.'),
  }),
  logins: z.object({
    accessTokenLifetime: z.number().int().min(60).max(86_400).describe('Seconds.'),
    refreshTokenLifetime: z.number().int().min(60).max(31_536_000).describe('Seconds.'),
    maxTokens: z.number().int().min(0).max(1000).describe('Logins a user may hold at once; a further one ends the oldest. 0: no limit.'),
    exclusive: z
      .boolean()
      .describe('A new login of a user ends the older ones. What an ancestor switches on, no domain under it switches off.'),
    alarm: z
      .object({ failures: z.number().int().min(1).max(1000), seconds: z.number().int().min(1).max(3600) })
      .describe('An alarm once so many logins to one account have failed within so many seconds (limitRateUnits, limitRateSeconds).'),
    /** AUTH-2: whether somebody whom a login provider vouches for, and who has no account, gets one. */
    createOAuthUser: z.boolean(),
    OAuthUserForcedDomain: domainNameSchema
      .nullable()
      .describe('Domain of all accounts made so, whatever the provider says; one at or under the domain that sets this.'),
    newUserCaps: capabilityListSchema.describe('Capabilities of accounts made so, parted by commas: `+call-history,-chat`.'),
    linkByVerifiedEmail: z
      .boolean()
      .describe("Whether a provider's word for an e-mail address is enough to sign in to the account that has it."),
  }),
  calls: z.object({
    callHistoryDays: z.number().int().min(1).max(366).describe('Days for which users see their calls.'),
    callRecordDays: z
      .number()
      .int()
      .min(1)
      .max(3660)
      .describe('Days after which call records go, with those of the calls of others that users of the domain were in.'),
  }),
  sip: z.object({
    dynamicMappingPrefix: z
      .string()
      .regex(/^[a-z0-9._~-]{0,64}$/i, { message: 'Letters, digits and . _ ~ - only' })
      .describe('Visitors are `dynamicMappingPrefix` + user id @ `dynamicMappingDomain` in the SIP network (SIPMAP-1).'),
    dynamicMappingDomain: domainNameSchema,
  }),
  quotas: z.object({
    requestsPer10s: z
      .number()
      .int()
      .min(0)
      .max(10_000_000)
      .describe('Requests of all callers of the domain and the domains under it, in each 10 s. 0: no limit.'),
    users: z.number().int().min(0).max(10_000_000).describe('Users of the domain and the domains under it. 0: no limit.'),
  }),
})

export type Settings = z.infer<typeof settingsSchema>

/** One layer: any option may be absent. */
export const settingsLayerSchema = z.object({
  rooms: settingsSchema.shape.rooms.partial().optional(),
  invites: settingsSchema.shape.invites.partial().optional(),
  conferences: settingsSchema.shape.conferences.partial().optional(),
  meetings: settingsSchema.shape.meetings.partial().optional(),
  media: settingsSchema.shape.media.partial().optional(),
  logins: settingsSchema.shape.logins.partial().optional(),
  calls: settingsSchema.shape.calls.partial().optional(),
  sip: settingsSchema.shape.sip.partial().optional(),
  quotas: settingsSchema.shape.quotas.partial().optional(),
})

export type SettingsLayer = z.infer<typeof settingsLayerSchema>

export const defaultSettings: Settings = {
  rooms: {
    setOwner: true,
    updateRoomOwnerWhenLeaves: false,
    removeAfter: 30_000,
    participantsLimit: 5,
    notInACall: true,
    userIdAsRoomId: false,
    videoCodec: 'VP8',
  },
  invites: { allowInvitesWhileInCall: true, watchdog: 30_000, removeAfter: 10_000, onlyOneDeviceWithInvitations: false },
  conferences: { quickConferencePrefix: 'wac-conf', quickConferenceDigits: 20 },
  meetings: { linkHost: null, pstnExtension: null },
  media: { cameraBandwidth: 1500, screenBandwidth: 2500, participantsPerHost: 100 },
  logins: {
    accessTokenLifetime: 3600,
    refreshTokenLifetime: 1_209_600,
    maxTokens: 0,
    exclusive: false,
    alarm: { failures: 5, seconds: 10 },
    createOAuthUser: false,
    OAuthUserForcedDomain: null,
    newUserCaps: '',
    linkByVerifiedEmail: false,
  },
  calls: { callHistoryDays: 30, callRecordDays: 366 },
  // A name that no host can have (RFC 3323 §4.1.1.3).
  sip: { dynamicMappingPrefix: 'anonymous-', dynamicMappingDomain: 'anonymous.invalid' },
  quotas: { requestsPer10s: 0, users: 0 },
}
