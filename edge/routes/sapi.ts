import { Hono } from 'hono'
import { maintainNowAndThen } from '#edge/services/maintenance.ts'
import { pushNotedEvents } from '#edge/services/push-events.ts'
import type { AppEnv, IdentifiedEnv } from './kit/app-env.ts'
import { callRecordRoutes } from './call-records.ts'
import { capabilityRoutes } from './capabilities.ts'
import { consentRoutes } from './consents.ts'
import { contactRoutes } from './contacts.ts'
import { credentialRoutes } from './credentials.ts'
import { domainRoutes } from './domains.ts'
import { federationRoutes } from './federation.ts'
import { groupRoutes } from './groups.ts'
import { authenticated, bootstrapped } from './kit/guards.ts'
import { scopeOf } from './kit/scope.ts'
import { auditRoutes, identityRoutes, loginControlRoutes } from './login-control.ts'
import { oauthIdentityRoutes, oauthProviderRoutes } from './oauth-providers.ts'
import { meetingRoutes } from './meetings.ts'
import { oauthRoutes } from './oauth.ts'
import { openApiRoutes } from './openapi.ts'
import { reachabilityRoutes } from './reachability.ts'
import { sessionRoutes } from './sessions.ts'
import { sipMappingRoutes } from './sip-mappings.ts'
import { settingsRoutes } from './settings.ts'
import { userRoutes } from './users.ts'
import { webhookRoutes } from './webhooks.ts'

const identified = new Hono<IdentifiedEnv>()
  .use(bootstrapped)
  .use(authenticated)
  .route('/', domainRoutes)
  .route('/', userRoutes)
  .route('/', meetingRoutes)
  .route('/', oauthProviderRoutes)
  .route('/', oauthIdentityRoutes)
  .route('/', groupRoutes)
  .route('/', credentialRoutes)
  .route('/', sipMappingRoutes)
  .route('/', sessionRoutes)
  .route('/', reachabilityRoutes)
  .route('/', webhookRoutes)
  .route('/', capabilityRoutes)
  .route('/', consentRoutes)
  .route('/', contactRoutes)
  .route('/', settingsRoutes)
  .route('/', loginControlRoutes)
  .route('/', identityRoutes)
  .route('/', auditRoutes)
  .route('/', callRecordRoutes)

/** The REST API; answers under `/sapi` and `/wac/sapi`. */
export const sapiRoutes = new Hono<AppEnv>()
  .use(async (c, next) => {
    await next()
    // What one caller may read is not for the next one.
    if (!c.res.headers.has('cache-control')) c.header('cache-control', 'no-store')
    const scope = scopeOf(c)
    if (c.req.method !== 'GET') pushNotedEvents(scope)
    maintainNowAndThen(scope)
  })
  .route('/o/federated', federationRoutes)
  .route('/o', oauthRoutes)
  // Nobody has to be identified to learn that there is no such endpoint, or no such method.
  .all('/o/*', (c) => c.notFound())
  .route('/', openApiRoutes)
  .route('/', identified)
