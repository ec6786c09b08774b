import { oauthProviderOperations } from '#shared/protocol/sapi/federation.ts'
import {
  changeProvider,
  createProvider,
  getProvider,
  listProvidersFor,
  removeProvider,
} from '#edge/services/federation/manage-providers.ts'
import { implement } from './kit/operations.ts'

/** AUTH-2. */
export const oauthProviderRoutes = implement(oauthProviderOperations, {
  listOAuthProviders: ({ scope, actor, query }) => listProvidersFor(scope, actor, query),
  createOAuthProvider: ({ scope, actor, body }) => createProvider(scope, actor, body),
  getOAuthProvider: ({ scope, actor, params }) => getProvider(scope, actor, params.id),
  replaceOAuthProvider: ({ scope, actor, params, change }) => changeProvider(scope, actor, params.id, change),
  updateOAuthProvider: ({ scope, actor, params, change }) => changeProvider(scope, actor, params.id, change),
  deleteOAuthProvider: ({ scope, actor, params, expect }) => removeProvider(scope, actor, params.id, expect),
})
