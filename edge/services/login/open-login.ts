import { AppError } from '#shared/errors/AppError.ts'
import { newId } from '#shared/ids/ids.ts'
import type { TokenResponse } from '#shared/protocol/sapi/oauth.ts'
import type { Role } from '#shared/protocol/tokens.ts'
import { newRefreshToken } from '#edge/auth/refresh-token.ts'
import { tokenService } from '#edge/auth/tokens.ts'
import type { DomainRow } from '#edge/db/d1/domains.ts'
import { insertLogin, type LoginRow, loginsBeyond } from '#edge/db/d1/logins.ts'
import { endLogins } from '#edge/db/d1/revocations.ts'
import { type DomainChain, ownNode } from '#edge/domain/identity/domain-chain.ts'
import type { DomainPolicy } from '#edge/domain/ports.ts'
import { announceEnded } from '../ended-logins.ts'
import type { Scope } from '../scope.ts'

/** Who logs in, and how long each token lasts. */
export interface Subject {
  readonly kind: LoginRow['kind']
  readonly userId: string
  readonly role: Role
  /** `username@domain`. */
  readonly username: string
  readonly displayName?: string
  readonly credentialId: string | null
  /** Of the credential, as it was when it was checked. */
  readonly credentialRevision: number | null
  /** Key of the login provider that vouches for the user, where it is no credential of ours. */
  readonly provider: string | null
  readonly chain: DomainChain<DomainRow>
  readonly policy: DomainPolicy
  /** Seconds. */
  readonly accessTokenLifetime: number
}

/** The OAuth client that acts, and what it may do. */
export interface Acting {
  readonly clientId: string
  /** Of its credential, as it was when it was checked. */
  readonly clientRevision: number
  /** What the tokens are good for; null: everything. */
  readonly scope: readonly string[] | null
  /** When the user logged in, in milliseconds since the epoch; null for the client itself. */
  readonly authTime: number | null
}

export interface LoginOptions {
  /** URL that the tokens name. */
  readonly issuer: string
  readonly acting?: Acting | undefined
  /** The code that it is made from, and the id that was noted with it. */
  readonly code?: { readonly hash: string; readonly loginId: string } | undefined
}

/** Stores the login and signs its first tokens. */
export async function openLogin(scope: Scope, subject: Subject, { issuer, acting, code }: LoginOptions): Promise<TokenResponse> {
  const now = scope.clock.now()
  const { logins } = subject.policy.settings
  const refresh = hasRefreshToken(subject, acting) ? await newRefreshToken() : undefined
  const loginId = code?.loginId ?? newId()
  const accessExpiresAt = now + subject.accessTokenLifetime * 1000
  const stored = await insertLogin(scope.db, {
    login: {
      id: loginId,
      kind: subject.kind,
      userId: subject.userId,
      domainId: ownNode(subject.chain).id,
      credentialId: subject.credentialId,
      provider: subject.provider,
      clientId: acting?.clientId ?? null,
      scope: acting?.scope === undefined || acting.scope === null ? null : [...acting.scope],
      authTime: acting?.authTime ?? null,
      // Nothing notes when a client connects, so its hub is always told.
      hasHub: subject.kind === 'client',
      createdAt: now,
      expiresAt: refresh === undefined ? accessExpiresAt : now + logins.refreshTokenLifetime * 1000,
      accessExpiresAt,
    },
    role: subject.role,
    revisions: { credential: subject.credentialRevision, client: acting?.clientRevision ?? null },
    domainIds: subject.chain.map((node) => node.id),
    refreshTokenHash: refresh?.hash ?? null,
    codeHash: code?.hash ?? null,
  })
  if (!stored) throw new AppError('invalidGrant')
  scope.logger.info('login.opened', { kind: subject.kind, userId: subject.userId, domainId: subject.policy.domainId, loginId })
  await endExcess(scope, subject)
  return tokensFor(scope, subject, { loginId, issuer, acting, ...(refresh === undefined ? {} : { refreshToken: refresh.token }) })
}

/** A client can ask again for itself; for a user it has one where the user let it act in the user's absence (OpenID Connect Core §11). */
const hasRefreshToken = (subject: Subject, acting: Acting | undefined): boolean =>
  subject.kind !== 'client' && (acting === undefined || acting.scope?.includes('offline_access') === true)

/** The answer to a grant (RFC 6749 §5.1). */
export async function tokensFor(
  scope: Scope,
  subject: Subject,
  options: { loginId: string; issuer: string; refreshToken?: string; acting?: Omit<Acting, 'clientRevision'> | undefined },
): Promise<TokenResponse> {
  const { clientId, scope: granted = null, authTime = null } = options.acting ?? {}
  const { userId, role, username, displayName, policy, accessTokenLifetime: lifetime } = subject
  scope.noteSubject?.(policy.domainId)
  const { token } = await tokenService(scope.env).signAccessToken(
    {
      userId,
      role,
      username,
      domainId: policy.domainId,
      loginId: options.loginId,
      ...(displayName === undefined ? {} : { displayName }),
      ...(policy.jurisdiction === undefined ? {} : { jurisdiction: policy.jurisdiction }),
      ...(clientId === undefined ? {} : { clientId }),
      ...(granted === null ? {} : { scope: granted }),
      ...(authTime === null ? {} : { authTime: Math.floor(authTime / 1000) }),
    },
    { issuer: options.issuer, lifetime },
  )
  return {
    access_token: token,
    token_type: 'Bearer',
    expires_in: lifetime,
    ...(options.refreshToken === undefined ? {} : { refresh_token: options.refreshToken }),
    ...(granted === null ? {} : { scope: granted.join(' ') }),
  }
}

/** Ends these logins, their tokens and their sockets. */
export async function endLoginsNow(scope: Scope, loginIds: readonly string[]): Promise<void> {
  const [ended] = await scope.db.batch([...endLogins(scope.db, { loginIds }, scope.clock.now())])
  announceEnded(scope, ended)
}

/** A user may hold so many logins, or one where they are exclusive: the new one stays. */
async function endExcess(scope: Scope, { kind, userId, policy }: Subject): Promise<void> {
  const { exclusive, maxTokens } = policy.settings.logins
  if ((kind !== 'password' && kind !== 'federated') || (!exclusive && maxTokens === 0)) return
  for (;;) {
    const excess = await loginsBeyond(scope.db, { userId, keep: exclusive ? 1 : maxTokens, now: scope.clock.now() })
    if (excess.length === 0) return
    await endLoginsNow(scope, excess)
  }
}
