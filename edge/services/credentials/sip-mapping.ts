import { z } from 'zod'
import type { CreateCredential, CredentialView, ReplaceCredential } from '#shared/protocol/sapi/credentials.ts'
import { replaceSipMappingSchema } from '#shared/protocol/sapi/sip-mappings.ts'
import type { SipMappingInDomain } from '#edge/db/d1/sip-mappings.ts'
import type { Actor } from '#edge/domain/identity/access.ts'
import { userUri } from '#edge/domain/identity/user-target.ts'
import { ownerUriOf } from '#edge/domain/sip/owner.ts'
import type { Scope } from '../scope.ts'
import { addSipMapping, changeSipMapping } from '../sip-mappings.ts'
import { dataOf, leaseAfter } from './common.ts'

/** Credentials of the type `sip-mapping`: the second door to SIPMAP-1. */

export async function createMapping(
  scope: Scope,
  actor: Actor,
  { context, lease, user, data }: Extract<CreateCredential, { type: 'sip-mapping' }>,
): Promise<CredentialView> {
  const { ownerUri = userUri(user ?? ''), ...credential } = data
  return mappingView(await addSipMapping(scope, actor, { ownerUri, credential, context, lease }))
}

/** @throws AppError `invalidRequest`. */
export async function changeMapping(
  scope: Scope,
  actor: Actor,
  before: SipMappingInDomain,
  body: ReplaceCredential,
): Promise<CredentialView> {
  const { ownerUri, ...credential } = dataOf(dataSchema, body)
  const meta = { context: body.context, ...leaseAfter(before.mapping, body, scope.clock.now()) }
  return mappingView(await changeSipMapping(scope, actor, before, { ownerUri, credential, ...meta }))
}

const dataSchema = z.object({ ownerUri: replaceSipMappingSchema.shape.ownerUri, ...replaceSipMappingSchema.shape.credential.shape })

export function mappingView({ mapping, domain }: SipMappingInDomain): CredentialView {
  const { id, userId, username, context, lease, expiresAt, createdAt } = mapping
  return {
    id,
    source: 'wac',
    type: 'sip-mapping',
    context,
    domain: domain.name,
    user: userId,
    data: { ownerUri: ownerUriOf(mapping), username },
    lease,
    created: createdAt,
    expires: expiresAt,
  }
}
