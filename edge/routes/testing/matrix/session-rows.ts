import { z } from 'zod'
import type { reachabilityOperations } from '#shared/protocol/sapi/reachability.ts'
import type { sessionOperations } from '#shared/protocol/sapi/sessions.ts'
import { expectJson, tokenOf } from '../api.ts'
import { openHubSocket } from '../hub-socket.ts'
import type { Rows } from './row.ts'
import { type Party, send, type World } from './world.ts'

const idsSchema = z.tuple([z.looseObject({ id: z.string() })]).rest(z.unknown())

const firstId = async (path: string, { token }: Pick<Party, 'token'>): Promise<string> =>
  idsSchema.parse(await expectJson(await send(path, { token }), 200))[0].id

/** Somebody whose device is connected. */
async function connected(world: World) {
  const party = await world.someone('anonymous')
  world.keep(await openHubSocket(party.token))
  return { token: party.token, params: { id: await firstId('/sapi/sessions', party) } }
}

async function loggedIn(world: World) {
  const { username } = await world.someone('anonymous')
  const token = await tokenOf(username)
  return { token, params: { id: await firstId('/sapi/logins', { token }) } }
}

export const sessionRows: Rows<typeof sessionOperations> = {
  listSessions: {
    request: async (world) => ({ token: (await connected(world)).token }),
    foreign: ({ home }) => [{ query: { user: home.parties.user.id } }],
  },
  getSession: { request: connected },
  endSession: { request: connected },
  listLogins: { request: () => ({}), foreign: ({ home }) => [{ query: { user: home.parties.user.id } }] },
  endLogin: { request: loggedIn },
  listRegistry: {
    request: async (world) => {
      world.keep(await openHubSocket(world.home.parties.user.token))
      return {}
    },
    foreign: ({ home }) => [{ query: { domain: home.domain } }, { query: { user: home.parties.user.id } }],
  },
}

export const reachabilityRows: Rows<typeof reachabilityOperations> = {
  getReachability: {
    request: ({ home }) => ({ query: { uri: `wac-user:${home.parties.user.id}` } }),
    caller: 'user',
    foreignAnswers: ['userUnknown'],
  },
}
