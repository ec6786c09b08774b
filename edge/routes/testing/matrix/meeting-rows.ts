import type { meetingOperations } from '#shared/protocol/sapi/meetings.ts'
import type { Rows } from './row.ts'
import type { World } from './world.ts'

const body = ({ name }: World) => ({ name: name(), validSince: Date.now(), validUntil: Date.now() + 3_600_000 })

/** A meeting of the rightful caller's, to which nobody else is invited. */
async function meeting(world: World) {
  const sent = body(world)
  return { sent, id: (await world.make('/sapi/meetings', sent, { token: world.home.parties.user.token })).id }
}

const params = async (world: World) => ({ id: (await meeting(world)).id })

export const meetingRows: Rows<typeof meetingOperations> = {
  listMeetings: { request: () => ({ query: { limit: '1' } }), foreign: ({ home }) => [{ query: { user: home.parties.user.id } }] },
  createMeeting: {
    request: (world) => ({ body: body(world) }),
    foreign: (world) => [{ body: { ...body(world), users: [world.home.parties.user.id] } }],
  },
  getMeeting: { caller: 'user', request: async (world) => ({ params: await params(world) }) },
  replaceMeeting: {
    request: async (world) => {
      const { id, sent } = await meeting(world)
      return { params: { id }, body: sent }
    },
  },
  updateMeeting: { request: async (world) => ({ params: await params(world), body: { name: world.name() } }) },
  deleteMeeting: { request: async (world) => ({ params: await params(world) }) },
}
