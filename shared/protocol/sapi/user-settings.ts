import { z } from 'zod'
import { settingsSchema } from '../settings.ts'
import { defineOperations, resource } from './operation.ts'

/** `/sapi/settings` (SET-1). */

/** Bytes of a user's settings as JSON. */
export const maxUserSettingsBytes = 64 * 1024

const userSettingsSchema = z.looseObject({}).meta({
  description: 'A JSON object of at most 64 KiB. What its members mean is for the applications to say.',
  example: { theme: 'dark' },
})
export type UserSettings = z.infer<typeof userSettingsSchema>

/** What applications have to know of the rules of their domain. */
const domainSettingsSchema = settingsSchema.omit({ logins: true, quotas: true })
export type DomainSettings = z.infer<typeof domainSettingsSchema>

const shared = { tag: 'Settings', access: 'user', path: '/settings', service: 'usersettings', capability: 'settings' } as const

export const settingsOperations = defineOperations({
  getSettings: { ...shared, method: 'get', summary: 'Read your settings', answer: resource(userSettingsSchema), errors: ['notFound'] },
  replaceSettings: {
    ...shared,
    method: 'put',
    summary: 'Replace your settings',
    body: userSettingsSchema,
    answer: resource(userSettingsSchema),
    errors: ['conflict', 'notFound', 'payloadTooLarge', 'preconditionFailed'],
  },
  updateSettings: {
    ...shared,
    method: 'patch',
    summary: 'Change some of your settings',
    description: 'By JSON merge patch (RFC 7396): a member that is null goes.',
    body: userSettingsSchema,
    answer: resource(userSettingsSchema),
    errors: ['conflict', 'notFound', 'payloadTooLarge', 'preconditionFailed'],
  },
  getDomainSettings: {
    method: 'get',
    path: '/settings/domain',
    tag: shared.tag,
    summary: 'Read the settings that hold in your domain',
    description: 'As the deployment, the domains above and the domain itself make them.',
    access: 'user',
    answer: resource(domainSettingsSchema),
    errors: ['notFound'],
  },
})
