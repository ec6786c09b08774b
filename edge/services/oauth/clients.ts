import { AppError } from '#shared/errors/AppError.ts'
import { type ClientData, clientDataSchema, type ClientGrantType } from '#shared/protocol/sapi/clients.ts'
import { type CredentialRow, findCredential } from '#edge/db/d1/credentials.ts'
import { chainOf, type DomainRow } from '#edge/db/d1/domains.ts'
import { type DomainChain, isDisabled, ownNode } from '#edge/domain/identity/domain-chain.ts'
import type { Subject } from '../login/open-login.ts'
import type { Scope } from '../scope.ts'

/** An OAuth client in use: a `client` credential of a domain. */
export interface Client {
  readonly id: string
  /** Grows with each change of its credential. */
  readonly revision: number
  readonly data: ClientData
  /** Of its secret; empty where it has none. */
  readonly secretHash: string
  readonly chain: DomainChain<DomainRow>
}

/** Undefined: there is none of this id, or it or its domain is out of use. */
export async function findClient(scope: Scope, id: string): Promise<Client | undefined> {
  const found = await findCredential(scope.db, id)
  const credential = found?.credential.type === 'client' ? found.credential : undefined
  if (credential === undefined || found === undefined) return undefined
  if (credential.expiresAt !== null && credential.expiresAt <= scope.clock.now()) return undefined
  const chain = await chainOf(scope.db, found.domain)
  if (isDisabled(chain)) return undefined
  const { revision, secretHash } = credential
  return { id: credential.id, revision, data: clientDataSchema.parse(credential.data), secretHash, chain }
}

/** As users are shown it. */
export const nameOfClient = ({ data }: Pick<CredentialRow, 'data'>): string => clientDataSchema.parse(data).name

/** @throws AppError `unauthorizedClient`. */
export function requireGrantType({ data }: Client, grantType: ClientGrantType): void {
  if (!data.grantTypes.includes(grantType)) throw new AppError('unauthorizedClient', { context: { grantType } })
}

/**
 * A client serves the users of its domain and of those under it; to all others it is a stranger. So it is to
 * platform admins, wherever they are at home, unless it has their role itself, which only they give: the
 * tokens of one are good in every domain, and whoever administers its home registers clients there.
 */
export const serves = ({ chain, data }: Pick<Client, 'chain' | 'data'>, subject: Pick<Subject, 'chain' | 'role'>): boolean =>
  subject.chain.some(({ id }) => id === ownNode(chain).id) && (subject.role !== 'platform-admin' || data.role === 'platform-admin')
