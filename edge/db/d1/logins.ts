import { and, desc, eq, gt, inArray, isNull, notExists, sql } from 'drizzle-orm'
import type { Role } from '#shared/protocol/tokens.ts'
import type { Database } from './database.ts'
import { domains } from './schema/domains.ts'
import { logins, refreshTokens } from './schema/logins.ts'
import { users } from './schema/users.ts'

export type LoginRow = typeof logins.$inferSelect

export interface NewLogin {
  readonly login: LoginRow
  /** As its tokens will say. */
  readonly role: Role
  /** Of the login's credential and of its client, as they were when they were checked; null: it has none. */
  readonly revisions: { readonly credential: number | null; readonly client: number | null }
  /** Ids of the domain and its ancestors: none of them may be out of use. */
  readonly domainIds: readonly string[]
  readonly refreshTokenHash: string | null
  /** Of the authorization code that it is made from: one that came twice makes none. */
  readonly codeHash: string | null
}

/**
 * Stores a login together with its first refresh token. False: its user, domain or credential changed or
 * vanished since they were looked up, and nothing is stored. A password that was replaced while it was being
 * checked, which takes a while, is so none any more.
 */
export async function insertLogin(db: Database, { login, refreshTokenHash, codeHash, ...seen }: NewLogin): Promise<boolean> {
  const { role, domainIds, revisions } = seen
  const usable = and(
    eq(domains.id, login.domainId),
    notExists(
      db
        .select({ one: sql`1` })
        .from(sql`domains as outer_domains`)
        .where(and(inArray(sql`outer_domains.id`, [...domainIds]), sql`outer_domains.disabled = 1`)),
    ),
    login.kind === 'password' || login.kind === 'federated'
      ? sql`exists (select 1 from users where id = ${login.userId} and domain_id = ${login.domainId} and role = ${role} and disabled = 0)`
      : undefined,
    login.credentialId === null ? undefined : credentialUnchanged(login.credentialId, revisions.credential),
    login.clientId === null ? undefined : credentialUnchanged(login.clientId, revisions.client),
    codeHash === null ? undefined : sql`exists (select 1 from oauth_codes where hash = ${codeHash} and reused_at is null)`,
  )
  const row = db
    .select({
      id: constant(login.id, 'id'),
      kind: constant(login.kind, 'kind'),
      userId: constant(login.userId, 'user_id'),
      domainId: constant(login.domainId, 'domain_id'),
      credentialId: constant(login.credentialId, 'credential_id'),
      provider: constant(login.provider, 'provider'),
      clientId: constant(login.clientId, 'client_id'),
      scope: constant(login.scope === null ? null : JSON.stringify(login.scope), 'scope'),
      authTime: constant(login.authTime, 'auth_time'),
      hasHub: constant(login.hasHub ? 1 : 0, 'has_hub'),
      createdAt: constant(login.createdAt, 'created_at'),
      expiresAt: constant(login.expiresAt, 'expires_at'),
      accessExpiresAt: constant(login.accessExpiresAt, 'access_expires_at'),
    })
    .from(domains)
    .where(usable)
  const [inserted] = await db.batch([
    db.insert(logins).select(row).returning({ id: logins.id }),
    db.insert(refreshTokens).select(
      db
        .select({
          hash: constant(refreshTokenHash, 'hash'),
          loginId: logins.id,
          expiresAt: logins.expiresAt,
          usedAt: constant(null, 'used_at'),
        })
        .from(logins)
        .where(and(eq(logins.id, login.id), sql`${refreshTokenHash} is not null`)),
    ),
    db
      .update(users)
      .set({ lastLogin: login.createdAt })
      .where(and(eq(users.id, login.userId), sql`exists (select 1 from logins where id = ${login.id})`)),
  ])
  return inserted.length > 0
}

/** Whether a credential is as it was read. */
export const credentialUnchanged = (id: string, revision: number | null) =>
  sql`exists (select 1 from credentials where id = ${id} and revision = ${revision})`

const constant = (value: string | number | null, name: string) => sql`${value}`.as(name)

export interface FoundRefreshToken {
  readonly login: LoginRow
  readonly usedAt: number | null
  readonly expiresAt: number
}

export async function findRefreshToken(db: Database, hash: string): Promise<FoundRefreshToken | undefined> {
  const [row] = await db
    .select({ login: logins, usedAt: refreshTokens.usedAt, expiresAt: refreshTokens.expiresAt })
    .from(refreshTokens)
    .innerJoin(logins, eq(logins.id, refreshTokens.loginId))
    .where(eq(refreshTokens.hash, hash))
    .limit(1)
  return row
}

/** Replaces an unused refresh token by the next one. False: it was used before, or its login has ended. */
export async function rotateRefreshToken(
  db: Database,
  options: { hash: string; nextHash: string; now: number; expiresAt: number; accessExpiresAt: number },
): Promise<boolean> {
  const { hash, nextHash, now, expiresAt, accessExpiresAt } = options
  const unused = and(eq(refreshTokens.hash, hash), isNull(refreshTokens.usedAt), gt(refreshTokens.expiresAt, now))
  const [inserted] = await db.batch([
    db
      .insert(refreshTokens)
      .select(
        db
          .select({
            hash: constant(nextHash, 'hash'),
            loginId: refreshTokens.loginId,
            expiresAt: constant(expiresAt, 'expires_at'),
            usedAt: constant(null, 'used_at'),
          })
          .from(refreshTokens)
          .where(unused),
      )
      .returning({ hash: refreshTokens.hash }),
    db.update(refreshTokens).set({ usedAt: now }).where(unused),
    db
      .update(logins)
      .set({ expiresAt, accessExpiresAt: sql`max(${logins.accessExpiresAt}, ${accessExpiresAt})` })
      .where(sql`${logins.id} in (select login_id from refresh_tokens where hash = ${nextHash})`),
  ])
  return inserted.length > 0
}

export async function findLogin(db: Database, id: string): Promise<LoginRow | undefined> {
  const [row] = await db.select().from(logins).where(eq(logins.id, id)).limit(1)
  return row
}

/** Ids of the user's logins beyond the newest `keep`. */
export async function loginsBeyond(db: Database, options: { userId: string; keep: number; now: number }): Promise<string[]> {
  const rows = await db
    .select({ id: logins.id })
    .from(logins)
    .where(and(eq(logins.userId, options.userId), gt(logins.expiresAt, options.now)))
    .orderBy(desc(logins.createdAt), desc(logins.id))
    .limit(100)
    .offset(options.keep)
  return rows.map((row) => row.id)
}
