import type { credentialOperations } from '#shared/protocol/sapi/credentials.ts'
import { userPassword } from '../api.ts'
import type { Rows, Sent } from './row.ts'
import type { World } from './world.ts'

const account = ({ name }: World) => ({ username: name(), password: 'of the gateway', authserver: 'wss://sip.example/ws' })

/** An account of its own for somebody new. */
async function ims(world: World): Promise<{ id: string; user: string; data: object }> {
  const user = (await world.someone()).id
  const data = account(world)
  return { user, data, id: (await world.make('/sapi/credentials', { type: 'ims', user, data })).id }
}

const params = async (world: World) => ({ id: (await ims(world)).id })

export const credentialRows: Rows<typeof credentialOperations> = {
  listCredentials: {
    request: () => ({ query: { limit: '1' } }),
    foreign: ({ home }) => [{ query: { domain: home.domain } }, { query: { user: home.parties.user.id } }],
  },
  createCredential: {
    request: (world) => ({ body: { type: 'ims', user: world.home.parties.user.id, data: account(world) } }),
    foreign: ({ home }) => [
      { body: { type: 'basic', user: home.parties.user.id, data: { password: 'somebody elses' } } },
      { body: { type: 'client', domain: home.domain, data: { name: 'Intruder', role: 'admin' } } },
    ],
  },
  obtainImsAccount: {
    request: async (world): Promise<Sent> => {
      const party = await world.someone()
      await world.make('/sapi/credentials', { type: 'ims', user: party.id, data: account(world) })
      return { token: party.token }
    },
    caller: 'user',
    // It has no account of its own.
    foreignAnswers: ['notFound'],
  },
  returnImsAccount: { request: () => ({}) },
  getCredential: { request: async (world) => ({ params: await params(world) }) },
  replaceCredential: {
    request: async (world) => {
      const { id, data } = await ims(world)
      return { params: { id }, body: { context: {}, lease: 60, data } }
    },
  },
  updateCredential: { request: async (world) => ({ params: await params(world), body: { lease: 60 } }) },
  deleteCredential: { request: async (world) => ({ params: await params(world) }) },
  changeOwnPassword: {
    request: async (world) => ({ token: (await world.someone()).token, body: { current: userPassword, password: userPassword } }),
  },
}
