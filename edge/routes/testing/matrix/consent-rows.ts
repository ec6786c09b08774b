import type { consentOperations } from '#shared/protocol/sapi/consents.ts'
import { authorize, registerClient } from '../oauth.ts'
import type { Rows } from './row.ts'
import type { World } from './world.ts'

/** Somebody who has let an application act. */
async function agreed({ home, someone }: World) {
  const client = await registerClient({}, { domain: home.domain })
  const { username, token } = await someone('user')
  await authorize(client, { username })
  return { token, params: { id: client.clientId } }
}

export const consentRows: Rows<typeof consentOperations> = {
  listConsents: { request: async (world) => ({ token: (await agreed(world)).token }) },
  withdrawConsent: { request: agreed },
}
