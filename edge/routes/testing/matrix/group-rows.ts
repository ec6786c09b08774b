import type { groupOperations } from '#shared/protocol/sapi/groups.ts'
import type { Rows } from './row.ts'
import type { World } from './world.ts'

/** A group that the rightful caller owns and somebody else is in. */
async function group(world: World) {
  const owner = world.home.parties.user
  const { id } = await world.make('/sapi/usersGroup', { name: world.name() }, { token: owner.token })
  const member = await world.someone()
  await world.make(`/sapi/usersGroup/${id}/participants`, { userId: member.id }, { token: owner.token })
  return { id, member }
}

const params = async (world: World) => ({ id: (await group(world)).id })

export const groupRows: Rows<typeof groupOperations> = {
  createGroup: {
    // Nobody but admins gives a group to somebody else, whoever that is.
    foreignAnswers: ['forbidden'],
    request: ({ name }) => ({ body: { name: name() } }),
    foreign: ({ home, name }) => [{ body: { name: name(), domain: home.domain } }, { body: { name: name(), owner: home.parties.user.id } }],
  },
  listGroups: {
    request: () => ({ query: { limit: '1' } }),
    foreign: ({ home }) => [
      { query: { domain: home.domain } },
      { query: { participant: home.parties.user.id } },
      { query: { owner: home.parties.user.id } },
    ],
  },
  leaveAllGroups: {
    request: async (world) => ({ token: (await world.someone()).token }),
    foreign: ({ home }) => [{ query: { userId: home.parties.user.id } }],
  },
  getGroup: { request: async (world) => ({ params: await params(world) }) },
  replaceGroup: { request: async (world) => ({ params: await params(world), body: { name: world.name() } }) },
  updateGroup: { request: async (world) => ({ params: await params(world), body: { name: world.name() } }) },
  deleteGroup: { request: async (world) => ({ params: await params(world) }) },
  listGroupParticipants: { request: async (world) => ({ params: await params(world), query: { limit: '1' } }) },
  addGroupParticipant: { request: async (world) => ({ params: await params(world), body: { userId: (await world.someone()).id } }) },
  removeGroupParticipant: {
    request: async (world) => {
      const { id, member } = await group(world)
      return { params: { id }, query: { userId: member.id } }
    },
  },
  hasGroupParticipant: {
    request: async (world) => {
      const { id, member } = await group(world)
      return { params: { id, userId: member.id } }
    },
  },
  removeGroupParticipants: { request: async (world) => ({ params: await params(world) }) },
  leaveGroup: {
    request: async (world) => {
      const { id, member } = await group(world)
      return { token: member.token, params: { id } }
    },
  },
}
