import type { oauthProviderOperations } from '#shared/protocol/sapi/federation.ts'
import type { oauthIdentityOperations } from '#shared/protocol/sapi/oauth-identities.ts'
import type { Rows } from './row.ts'
import type { World } from './world.ts'

const body = ({ name }: World) => ({ name: name(), issuer: 'https://login.example', clientId: 'ringway' })

async function provider(world: World) {
  const sent = body(world)
  return { sent, id: (await world.make('/sapi/oauthProviders', { ...sent, domain: world.home.domain })).id }
}

const params = async (world: World) => ({ id: (await provider(world)).id })

export const oauthProviderRows: Rows<typeof oauthProviderOperations> = {
  listOAuthProviders: { request: () => ({}), foreign: ({ home }) => [{ query: { domain: home.domain } }] },
  createOAuthProvider: { request: (world) => ({ body: { ...body(world), domain: world.home.domain } }) },
  getOAuthProvider: { request: async (world) => ({ params: await params(world) }) },
  replaceOAuthProvider: {
    request: async (world) => {
      const { id, sent } = await provider(world)
      return { params: { id }, body: { ...sent, displayName: 'Another' } }
    },
  },
  updateOAuthProvider: { request: async (world) => ({ params: await params(world), body: { enabled: false } }) },
  deleteOAuthProvider: { request: async (world) => ({ params: await params(world) }) },
}

async function identity(world: World) {
  const { sent } = await provider(world)
  const { id } = await world.someone('user')
  return { user: id, provider: sent.name, subject: 'of the provider' }
}

const identityParams = async (world: World) => ({ id: (await world.make('/sapi/oauthIdentities', await identity(world))).id })

export const oauthIdentityRows: Rows<typeof oauthIdentityOperations> = {
  listOAuthIdentities: { request: () => ({}), foreign: ({ home }) => [{ query: { user: home.parties.user.id } }] },
  createOAuthIdentity: { request: async (world) => ({ body: await identity(world) }) },
  getOAuthIdentity: { request: async (world) => ({ params: await identityParams(world) }) },
  deleteOAuthIdentity: { request: async (world) => ({ params: await identityParams(world) }) },
}
