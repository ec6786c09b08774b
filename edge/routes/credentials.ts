import { credentialOperations } from '#shared/protocol/sapi/credentials.ts'
import { changeCredential, createCredential, getCredential, listCredentialsFor, removeCredential } from '#edge/services/credentials.ts'
import { giveBackAccount, obtainAccount } from '#edge/services/credentials/own-account.ts'
import { changeOwnPassword } from '#edge/services/credentials/own-password.ts'
import { addressOf } from '#edge/services/entry/client-address.ts'
import { implement } from './kit/operations.ts'

/** CRED-1. */
export const credentialRoutes = implement(credentialOperations, {
  listCredentials: ({ scope, actor, query }) => listCredentialsFor(scope, actor, query),
  createCredential: ({ scope, actor, body }) => createCredential(scope, actor, body),
  obtainImsAccount: ({ scope, actor }) => obtainAccount(scope, actor),
  returnImsAccount: ({ scope, actor }) => giveBackAccount(scope, actor),
  getCredential: ({ scope, actor, params }) => getCredential(scope, actor, params.id),
  replaceCredential: ({ scope, actor, params, change }) => changeCredential(scope, actor, params.id, change),
  updateCredential: ({ scope, actor, params, change }) => changeCredential(scope, actor, params.id, change),
  deleteCredential: ({ scope, actor, params, expect }) => removeCredential(scope, actor, params.id, expect),
  changeOwnPassword: ({ scope, actor, body, raw }) => changeOwnPassword(scope, actor, { ...body, address: addressOf(raw, scope.env) }),
})
