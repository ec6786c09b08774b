import { meetingOperations } from '#shared/protocol/sapi/meetings.ts'
import { changeMeeting, createMeeting, getMeeting, listMeetingsFor, removeMeeting } from '#edge/services/meetings/meetings.ts'
import { implement } from './kit/operations.ts'

/** MEET-1. */
export const meetingRoutes = implement(meetingOperations, {
  listMeetings: ({ scope, raw, actor, query }) => listMeetingsFor({ ...scope, request: raw }, actor, query),
  createMeeting: ({ scope, raw, actor, body }) => createMeeting({ ...scope, request: raw }, actor, body),
  getMeeting: ({ scope, raw, actor, params }) => getMeeting({ ...scope, request: raw }, actor, params.id),
  replaceMeeting: ({ scope, raw, actor, params, change }) => changeMeeting({ ...scope, request: raw }, actor, params.id, change),
  updateMeeting: ({ scope, raw, actor, params, change }) => changeMeeting({ ...scope, request: raw }, actor, params.id, change),
  deleteMeeting: ({ scope, raw, actor, params, expect }) => removeMeeting({ ...scope, request: raw }, actor, params.id, expect),
})
