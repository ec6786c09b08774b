import type { settingsOperations } from '#shared/protocol/sapi/user-settings.ts'
import type { Rows } from './row.ts'

export const settingsRows: Rows<typeof settingsOperations> = {
  getSettings: { request: () => ({}) },
  replaceSettings: { request: () => ({ body: { theme: 'dark' } }) },
  updateSettings: { request: () => ({ body: { theme: 'light' } }) },
  getDomainSettings: { request: () => ({}) },
}
