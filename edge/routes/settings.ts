import { settingsOperations } from '#shared/protocol/sapi/user-settings.ts'
import { changeSettings, getDomainSettings, getSettings } from '#edge/services/user-settings.ts'
import { implement } from './kit/operations.ts'

/** SET-1. */
export const settingsRoutes = implement(settingsOperations, {
  getSettings: ({ scope, actor }) => getSettings(scope, actor),
  replaceSettings: ({ scope, actor, change }) => changeSettings(scope, actor, change),
  updateSettings: ({ scope, actor, change }) => changeSettings(scope, actor, change),
  getDomainSettings: ({ scope, actor }) => getDomainSettings(scope, actor),
})
