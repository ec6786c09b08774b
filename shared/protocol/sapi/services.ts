import { z } from 'zod'

/** Services that Ringway knows (DOM-3). A domain lists those that its users may use. */
export const knownServices = [
  'login',
  'presence',
  'callcontrol',
  'contacts',
  'chat',
  'datapipe',
  'filetransfer',
  'forms',
  'im',
  'ldap',
  'meetings',
  'oauth2client',
  'remotelog',
  'callalarms',
  'usersettings',
  'recording',
  'stats',
] as const

export type KnownService = (typeof knownServices)[number]

/** Service name → the backends that serve it, such as `contacts: ["wac", "ldap"]`. */
export const servicesSchema = z
  .record(z.string().regex(/^[a-z][a-z0-9-]{0,31}$/), z.array(z.string().min(1).max(64)).max(16))
  .refine((services) => Object.keys(services).length <= 64, { message: 'At most 64 services' })

export type Services = z.infer<typeof servicesSchema>
