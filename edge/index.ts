import { app } from './app.ts'
import { scheduled } from './scheduled.ts'

export { Dispatcher } from './objects/Dispatcher.ts'
export { Ledger } from './objects/Ledger.ts'
export { MediaHost } from './objects/MediaHost.ts'
export { Quota } from './objects/Quota.ts'
export { Room } from './objects/Room.ts'
export { UserHub } from './objects/UserHub.ts'
export { Webhook } from './objects/Webhook.ts'

export default { fetch: app.fetch, scheduled }
