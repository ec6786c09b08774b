import type { sipMappingOperations } from '#shared/protocol/sapi/sip-mappings.ts'
import type { Rows } from './row.ts'
import type { World } from './world.ts'

const body = async (world: World) => ({ ownerUri: `wac-user:${(await world.someone()).id}`, credential: { username: world.name() } })

async function mapping(world: World) {
  const sent = await body(world)
  return { sent, id: (await world.make('/sapi/sipMappings', sent)).id }
}

const params = async (world: World) => ({ id: (await mapping(world)).id })

export const sipMappingRows: Rows<typeof sipMappingOperations> = {
  listSipMappings: {
    request: () => ({}),
    foreign: async (world) => [{ query: { domain: world.home.domain } }, { query: { ownerUri: (await mapping(world)).sent.ownerUri } }],
  },
  createSipMapping: { request: async (world) => ({ body: await body(world) }) },
  replaceNamedSipMapping: {
    request: async (world) => {
      const { sent } = await mapping(world)
      return { body: { ...sent, credential: { username: world.name() } } }
    },
  },
  deleteSipMappingOf: { request: async (world) => ({ query: { ownerUri: (await mapping(world)).sent.ownerUri } }) },
  getOwnSipIdentity: { request: () => ({}) },
  getSipMapping: { request: async (world) => ({ params: await params(world) }) },
  replaceSipMapping: {
    request: async (world) => {
      const { id, sent } = await mapping(world)
      return { params: { id }, body: sent }
    },
  },
  updateSipMapping: { request: async (world) => ({ params: await params(world), body: { credential: { username: world.name() } } }) },
  deleteSipMapping: { request: async (world) => ({ params: await params(world) }) },
}
