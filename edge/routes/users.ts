import { userOperations } from '#shared/protocol/sapi/users.ts'
import { changeUser, createUser, getUser, listUsersFor, removeUser } from '#edge/services/users.ts'
import { implement } from './kit/operations.ts'

/** USER-3. */
export const userRoutes = implement(userOperations, {
  listUsers: ({ scope, actor, query }) => listUsersFor(scope, actor, query),
  createUser: ({ scope, actor, body }) => createUser(scope, actor, body),
  getOwnUser: ({ scope, actor }) => getUser(scope, actor, actor.userId),
  getUser: ({ scope, actor, params }) => getUser(scope, actor, params.id),
  replaceUser: ({ scope, actor, params, change }) => changeUser(scope, actor, params.id, change),
  updateUser: ({ scope, actor, params, change }) => changeUser(scope, actor, params.id, change),
  deleteUser: ({ scope, actor, params, expect }) => removeUser(scope, actor, params.id, expect),
})
