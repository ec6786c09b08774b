import { z } from 'zod'

/** Accounts on a third party's SIP over WebSocket gateway (RFC 7118): the `data` of a credential of the type `ims` (CRED-1, SIPWS-1). */

const nameSchema = z
  .string()
  .trim()
  .min(1)
  .max(256)
  .regex(/^[\u0021-\u007e]+$/, { message: 'Visible ASCII only' })

/** RFC 7064, RFC 7065. */
const iceUrlSchema = z
  .string()
  .max(512)
  .regex(/^(stun|stuns|turn|turns):[^\s/]+$/, { message: 'A stun:, stuns:, turn: or turns: URI' })

const iceServerFields = {
  urls: z.union([iceUrlSchema, z.array(iceUrlSchema).min(1).max(8)]),
  username: z.string().max(512).optional(),
}

const iceServerSchema = z.object({ ...iceServerFields, credential: z.string().max(1024).optional() })

const accountFields = {
  username: nameSchema.describe('SIP identity on the gateway.'),
  userauthname: nameSchema.optional().describe('Name for digest authentication; absent: `username`.'),
  authserver: z.url({ protocol: /^wss$/ }).max(2048).describe('The gateway, as a wss:// URL'),
}

const passwordSchema = z.string().max(1024)

export const newImsDataSchema = z.object({
  ...accountFields,
  password: passwordSchema,
  iceserver: z.array(iceServerSchema).max(8).default([]).describe('TURN servers beside the gateway.'),
})
export type NewImsData = z.infer<typeof newImsDataSchema>

/** As it is changed: a secret that is left out stays what it is, that of an ICE server by its `urls` and `username`. */
export const changedImsDataSchema = newImsDataSchema.extend({ password: passwordSchema.optional() })
export type ChangedImsData = z.infer<typeof changedImsDataSchema>

/** As it is stored and shown to admins: without secrets. */
export const imsDataSchema = z.object({ ...accountFields, iceserver: z.array(z.object(iceServerFields)) })
export type ImsData = z.infer<typeof imsDataSchema>

/** The whole account, for whoever is to use it. */
export const imsAccountSchema = z.object({
  username: z.string(),
  userauthname: z.string(),
  password: z.string(),
  authserver: z.string(),
  iceserver: z.array(iceServerSchema),
  lease: z.number().describe('Seconds to register for; 0: the gateway decides.'),
  borrowed: z.boolean().describe("True: from the pool of the domain, until the visitor's session ends."),
})
export type ImsAccount = z.infer<typeof imsAccountSchema>
