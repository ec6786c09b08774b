import type { domainOperations } from '#shared/protocol/sapi/domains.ts'
import type { Rows } from './row.ts'
import type { World } from './world.ts'

const body = ({ home, name }: World) => ({
  domain: `${name()}.example`,
  parent: home.domain,
  origins: [],
  enableAnonymous: false,
  services: {},
})

const child = async (world: World) => {
  const sent = body(world)
  return { sent, id: (await world.make('/sapi/domains', sent)).id }
}

export const domainRows: Rows<typeof domainOperations> = {
  listDomains: {
    request: () => ({ query: { limit: '1' } }),
    foreign: ({ home }) => [{ query: { parent: home.domain } }, { query: { domain: home.domain } }],
  },
  createDomain: { request: (world) => ({ body: body(world) }) },
  getDomain: { request: ({ home }) => ({ params: { id: home.id } }) },
  replaceDomain: {
    request: async (world) => {
      const { id, sent } = await child(world)
      return { params: { id }, body: { ...sent, enableAnonymous: true } }
    },
  },
  updateDomain: { request: async (world) => ({ params: { id: (await child(world)).id }, body: { enableAnonymous: true } }) },
  deleteDomain: { request: async (world) => ({ params: { id: (await child(world)).id } }) },
}
