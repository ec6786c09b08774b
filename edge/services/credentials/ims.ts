import { z } from 'zod'
import { AppError } from '#shared/errors/AppError.ts'
import type { CreateCredential, CredentialView, ReplaceCredential } from '#shared/protocol/sapi/credentials.ts'
import {
  type ChangedImsData,
  changedImsDataSchema,
  type ImsAccount,
  type ImsData,
  imsDataSchema,
  type NewImsData,
} from '#shared/protocol/sapi/ims.ts'
import { secretBox } from '#edge/auth/secret-box.ts'
import { type CredentialChange, type CredentialRow, insertCredential } from '#edge/db/d1/credentials.ts'
import type { Actor } from '#edge/domain/identity/access.ts'
import { refuseBroken } from '../refuse-broken.ts'
import type { Scope } from '../scope.ts'
import { administeredUser } from '../users.ts'
import { administeredDomainNamed } from '../visible-domains.ts'
import { dataOf, rowOf, viewWith } from './common.ts'

/**
 * Credentials of the type `ims`: an account on a third party's SIP over WebSocket gateway (CRED-1). Its
 * password and those of its ICE servers are sealed, since the user's device must be told them.
 */
export async function createIms(scope: Scope, actor: Actor, body: Extract<CreateCredential, { type: 'ims' }>): Promise<CredentialView> {
  const { user, domain } =
    body.user === undefined
      ? { user: null, domain: await administeredDomainNamed(scope, actor, body.domain) }
      : await administeredUser(scope, actor, body.user)
  if (body.domain !== '' && body.domain !== domain.name) throw new AppError('notFound', { context: { domain: body.domain } })
  const begun = rowOf(scope, body, domain.id)
  const credential: CredentialRow = {
    ...begun,
    // The lease is how long a device registers for.
    expiresAt: null,
    userId: user?.id ?? null,
    data: shownOf(body.data),
    secretHash: '',
    sealedSecret: await seal(scope, begun.id, body.data),
  }
  await refuseBroken(() => insertCredential(scope.db, credential, { user }), { unique: { reason: 'userHasOne' } })
  return viewWith({ credential, domain, user }, credential.data)
}

/**
 * Secrets that are left out stay what they are, the password as long as the gateway does: else an admin who
 * may not read it would have it sent to a place of their choice. @throws AppError `invalidRequest`.
 */
export async function changedIms(scope: Scope, credential: CredentialRow, body: ReplaceCredential): Promise<Partial<CredentialChange>> {
  const changed = dataOf(changedImsDataSchema, body)
  const before = await open(scope, credential)
  if (changed.password === undefined && changed.authserver !== before.authserver) {
    const issue = { path: 'data.password', message: 'With another gateway, it is needed again' }
    throw new AppError('invalidRequest', { context: { issues: [issue] } })
  }
  const data = withSecrets(changed, before)
  return { context: body.context, lease: body.lease, data: shownOf(data), sealedSecret: await seal(scope, credential.id, data) }
}

/** The whole account, for whoever is to use it. */
export async function accountOf(scope: Scope, credential: CredentialRow, options: { borrowed: boolean }): Promise<ImsAccount> {
  const { username, userauthname = username, authserver, password, iceserver } = await open(scope, credential)
  return { username, userauthname, password, authserver, iceserver, lease: credential.lease, ...options }
}

const secretsSchema = z.object({
  password: z.string(),
  /** In the order of the ICE servers; null: none. */
  credentials: z.array(z.string().nullable()),
})

const boxOf = ({ env }: Scope) => secretBox(env.RINGWAY_MASTER_KEY, 'ims credentials')

async function seal(scope: Scope, id: string, { password, iceserver }: NewImsData): Promise<string> {
  const secrets: z.infer<typeof secretsSchema> = { password, credentials: iceserver.map(({ credential }) => credential ?? null) }
  return (await boxOf(scope)).seal(JSON.stringify(secrets), id)
}

async function open(scope: Scope, { id, data, sealedSecret }: CredentialRow): Promise<NewImsData> {
  if (sealedSecret === null) throw new TypeError(`Credential ${id} has no secret`)
  const { iceserver, ...shown } = imsDataSchema.parse(data)
  const { password, credentials } = secretsSchema.parse(JSON.parse(await (await boxOf(scope)).open(sealedSecret, id)))
  const servers = iceserver.map((server, index) => {
    const credential = credentials[index] ?? null
    return credential === null ? server : { ...server, credential }
  })
  return { ...shown, password, iceserver: servers }
}

function shownOf({ username, userauthname, authserver, iceserver }: NewImsData): ImsData {
  return {
    username,
    ...(userauthname === undefined ? {} : { userauthname }),
    authserver,
    iceserver: iceserver.map(({ credential: _, ...server }) => server),
  }
}

function withSecrets({ password, iceserver, ...shown }: ChangedImsData, before: NewImsData): NewImsData {
  return {
    ...shown,
    password: password ?? before.password,
    iceserver: iceserver.map((server) => {
      const credential = server.credential ?? before.iceserver.find((known) => isSameServer(known, server))?.credential
      return credential === undefined ? server : { ...server, credential }
    }),
  }
}

type IceServer = NewImsData['iceserver'][number]

const isSameServer = (a: IceServer, b: IceServer): boolean =>
  a.username === b.username && [a.urls].flat().join(' ') === [b.urls].flat().join(' ')
