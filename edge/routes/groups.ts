import { groupOperations, groupUserSchema } from '#shared/protocol/sapi/groups.ts'
import {
  addParticipantTo,
  leaveAllGroups,
  leaveGroup,
  listParticipantsFor,
  removeAllParticipantsOf,
  removeParticipantOf,
  requireParticipant,
} from '#edge/services/group-participants.ts'
import { changeGroup, createGroup, getGroup, listGroupsFor, removeGroup } from '#edge/services/groups.ts'
import { jsonBody } from './kit/body.ts'
import { implement } from './kit/operations.ts'

/** GRP-1. */
export const groupRoutes = implement(groupOperations, {
  createGroup: ({ scope, actor, body }) => createGroup(scope, actor, body),
  listGroups: ({ scope, actor, query }) => listGroupsFor(scope, actor, query),
  leaveAllGroups: ({ scope, actor, query }) => leaveAllGroups(scope, actor, query.userId),
  getGroup: ({ scope, actor, params }) => getGroup(scope, actor, params.id),
  replaceGroup: ({ scope, actor, params, change }) => changeGroup(scope, actor, params.id, change),
  updateGroup: ({ scope, actor, params, change }) => changeGroup(scope, actor, params.id, change),
  deleteGroup: ({ scope, actor, params, expect }) => removeGroup(scope, actor, params.id, expect),
  listGroupParticipants: ({ scope, actor, params, query }) => listParticipantsFor(scope, actor, params.id, query),
  addGroupParticipant: ({ scope, actor, params, body }) => addParticipantTo(scope, actor, params.id, body.userId),
  removeGroupParticipant: async ({ scope, actor, params, query, raw }) =>
    removeParticipantOf(scope, actor, params.id, query.userId ?? (await jsonBody(raw, groupUserSchema)).userId),
  hasGroupParticipant: ({ scope, actor, params }) => requireParticipant(scope, actor, params.id, params.userId),
  removeGroupParticipants: ({ scope, actor, params }) => removeAllParticipantsOf(scope, actor, params.id),
  leaveGroup: ({ scope, actor, params }) => leaveGroup(scope, actor, params.id),
})
