import { z } from 'zod'
import { AppError } from '#shared/errors/AppError.ts'
import { newId } from '#shared/ids/ids.ts'
import type { CreateCredential, CredentialView, ReplaceCredential } from '#shared/protocol/sapi/credentials.ts'
import type { CredentialInDomain, CredentialRow } from '#edge/db/d1/credentials.ts'
import type { Scope } from '../scope.ts'

/** What a new credential of any type begins with. */
export function rowOf(
  scope: Scope,
  body: Exclude<CreateCredential, { type: 'sip-mapping' }>,
  domainId: string,
): Omit<CredentialRow, 'userId' | 'data' | 'secretHash'> {
  const now = scope.clock.now()
  const { type, context, lease } = body
  return { id: newId(), type, domainId, sealedSecret: null, context, lease, expiresAt: endOf(lease, now), revision: 1, createdAt: now }
}

/** When a lease of this many seconds ends. */
export const endOf = (lease: number, now: number): number | null => (lease === 0 ? null : now + lease * 1000)

/** A lease begins anew when another one is set. */
export const leaseAfter = (
  before: { readonly lease: number; readonly expiresAt: number | null },
  { lease }: ReplaceCredential,
  now: number,
): { lease: number; expiresAt: number | null } =>
  lease === before.lease ? { lease, expiresAt: before.expiresAt } : { lease, expiresAt: endOf(lease, now) }

/** What a type takes as `data`, of what was sent. @throws AppError `invalidRequest`. */
export function dataOf<Schema extends z.ZodType>(schema: Schema, { data }: ReplaceCredential): z.output<Schema> {
  const parsed = z.object({ data: schema }).safeParse({ data })
  if (!parsed.success) throw AppError.invalidRequest(parsed.error)
  return schema.parse(data)
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
