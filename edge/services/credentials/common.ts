import { newId } from '#shared/ids/ids.ts'
import type { CreateCredential, CredentialView } from '#shared/protocol/sapi/credentials.ts'
import type { CredentialInDomain, CredentialRow } from '#edge/db/d1/credentials.ts'
import type { Scope } from '../scope.ts'

/** What a new credential of any type begins with. */
export function rowOf(scope: Scope, body: CreateCredential, domainId: string): Omit<CredentialRow, 'userId' | 'data' | 'secretHash'> {
  const now = scope.clock.now()
  const { type, context, lease } = body
  return { id: newId(), type, domainId, context, lease, expiresAt: lease === 0 ? null : now + lease * 1000, revision: 1, createdAt: now }
}

/** A credential as it is shown; `data` is what its type shows of itself. */
export function viewWith({ credential, domain, user }: CredentialInDomain, data: Record<string, unknown>): CredentialView {
  const { id, type, context, lease, createdAt, expiresAt } = credential
  return {
    id,
    source: 'wac',
    type,
    context,
    domain: domain.name,
    user: user?.id ?? null,
    data,
    lease,
    created: createdAt,
    expires: expiresAt,
  }
}
