import { oauthProviderOperations } from '#shared/protocol/sapi/federation.ts'
import { oauthIdentityOperations } from '#shared/protocol/sapi/oauth-identities.ts'
import {
  changeProvider,
  createProvider,
  getProvider,
  listProvidersFor,
  removeProvider,
} from '#edge/services/federation/manage-providers.ts'
import { createIdentity, getIdentity, listIdentitiesFor, removeIdentity } from '#edge/services/federation/manage-identities.ts'
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

export const oauthIdentityRoutes = implement(oauthIdentityOperations, {
  listOAuthIdentities: ({ scope, actor, query }) => listIdentitiesFor(scope, actor, query),
  createOAuthIdentity: ({ scope, actor, body }) => createIdentity(scope, actor, body),
  getOAuthIdentity: ({ scope, actor, params }) => getIdentity(scope, actor, params.id),
  deleteOAuthIdentity: ({ scope, actor, params, expect }) => removeIdentity(scope, actor, params.id, expect),
})
