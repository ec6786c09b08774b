import { and, eq, gt, isNull, sql } from 'drizzle-orm'
import type { Database } from './database.ts'
import { browserSessions, oauthCodes } from './schema/oauth.ts'

export type CodeRow = typeof oauthCodes.$inferSelect

/** `session`: hash of the browser session that it is made from. False: that one has ended meanwhile, and nothing is stored. */
export async function insertCode(
  db: Database,
  row: Omit<CodeRow, 'usedAt' | 'loginId' | 'reusedAt'>,
  { session }: { session: string },
): Promise<boolean> {
  const inserted = await db
    .insert(oauthCodes)
    .select(
      db
        .select({
          hash: sql`${row.hash}`.as('hash'),
          clientId: sql`${row.clientId}`.as('client_id'),
          userId: sql`${row.userId}`.as('user_id'),
          credentialId: sql`${row.credentialId}`.as('credential_id'),
          provider: sql`${row.provider}`.as('provider'),
          redirectUri: sql`${row.redirectUri}`.as('redirect_uri'),
          scope: sql`${JSON.stringify(row.scope)}`.as('scope'),
          nonce: sql`${row.nonce}`.as('nonce'),
          codeChallenge: sql`${row.codeChallenge}`.as('code_challenge'),
          authTime: sql`${row.authTime}`.as('auth_time'),
          expiresAt: sql`${row.expiresAt}`.as('expires_at'),
          usedAt: sql`null`.as('used_at'),
          loginId: sql`null`.as('login_id'),
          reusedAt: sql`null`.as('reused_at'),
        })
        .from(browserSessions)
        .where(eq(browserSessions.hash, session)),
    )
    .returning({ hash: oauthCodes.hash })
  return inserted.length > 0
}

export async function findCode(db: Database, hash: string): Promise<CodeRow | undefined> {
  const [row] = await db.select().from(oauthCodes).where(eq(oauthCodes.hash, hash)).limit(1)
  return row
}

/** Takes an unused code for a login that is about to be made. False: somebody else took it, or it has expired. */
export async function takeCode(db: Database, { hash, loginId, now }: { hash: string; loginId: string; now: number }): Promise<boolean> {
  const taken = await db
    .update(oauthCodes)
    .set({ usedAt: now, loginId })
    .where(and(eq(oauthCodes.hash, hash), isNull(oauthCodes.usedAt), gt(oauthCodes.expiresAt, now)))
    .returning({ hash: oauthCodes.hash })
  return taken.length > 0
}

/** Notes that a code came again, so that no login is made from it any more. @returns the login that already was. */
export async function noteReuse(db: Database, hash: string, now: number): Promise<string | undefined> {
  const [row] = await db
    .update(oauthCodes)
    .set({ reusedAt: now })
    .where(eq(oauthCodes.hash, hash))
    .returning({ loginId: oauthCodes.loginId })
  return row?.loginId ?? undefined
}
