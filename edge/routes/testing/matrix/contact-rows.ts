import type { contactOperations } from '#shared/protocol/sapi/contacts.ts'
import type { Rows } from './row.ts'
import { send, type World } from './world.ts'

/** A private entry of the rightful caller. */
async function entry(world: World) {
  const sent = { name: world.name(), phones: ['+43 1 2345678'] }
  return { sent, id: (await world.make('/sapi/contacts', sent, { token: world.home.parties.user.token })).id }
}

const params = async (world: World) => ({ id: (await entry(world)).id })

async function synchronized(world: World) {
  const externalId = crypto.randomUUID()
  const json = { name: world.name() }
  const answer = await send(`/sapi/contacts/external/${externalId}`, { method: 'PUT', json, token: world.home.parties.user.token })
  if (!answer.ok) throw new Error(await answer.text())
  return { externalId }
}

export const contactRows: Rows<typeof contactOperations> = {
  listContacts: {
    request: () => ({ query: { limit: '2' } }),
    foreign: async (world) => {
      const { id } = await world.make('/sapi/usersGroup', { name: world.name() }, { token: world.home.parties.user.token })
      return [{ query: { group: id } }]
    },
  },
  createContact: { request: ({ name }) => ({ body: { name: name() } }) },
  getSynchronizedContact: { request: async (world) => ({ params: await synchronized(world) }) },
  synchronizeContact: { request: ({ name }) => ({ params: { externalId: name() }, body: { name: name() } }) },
  removeSynchronizedContact: { request: async (world) => ({ params: await synchronized(world) }) },
  getContact: { request: async (world) => ({ params: await params(world) }) },
  replaceContact: {
    request: async (world) => {
      const { id, sent } = await entry(world)
      return { params: { id }, body: sent }
    },
  },
  updateContact: { request: async (world) => ({ params: await params(world), body: { company: 'Acme' } }) },
  deleteContact: { request: async (world) => ({ params: await params(world) }) },
}
