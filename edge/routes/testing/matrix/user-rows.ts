import type { userOperations } from '#shared/protocol/sapi/users.ts'
import type { Rows } from './row.ts'
import type { World } from './world.ts'

const body = ({ home, name }: World) => ({
  domain: home.domain,
  username: name(),
  email: '',
  role: 'user',
  capabilities: [],
  mobilePhone: [],
})

/** A user of nobody's, made for one request. */
const user = async (world: World) => ({ id: (await world.make('/sapi/users', body(world))).id })

export const userRows: Rows<typeof userOperations> = {
  listUsers: {
    request: () => ({ query: { limit: '2' } }),
    foreign: ({ home }) => [{ query: { domain: home.domain } }],
  },
  createUser: { request: (world) => ({ body: body(world) }) },
  getOwnUser: { request: () => ({}) },
  getUser: { request: ({ home }) => ({ params: { id: home.parties.anonymous.id } }) },
  replaceUser: { request: async (world) => ({ params: await user(world), body: body(world) }) },
  updateUser: { request: async (world) => ({ params: await user(world), body: { alias: 'Another' } }) },
  deleteUser: { request: async (world) => ({ params: await user(world) }) },
}
