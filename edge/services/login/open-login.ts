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
  readonly chain: DomainChain<DomainRow>
  readonly policy: DomainPolicy
  /** Seconds. */
  readonly accessTokenLifetime: number
}

/** Stores the login and signs its first tokens. `issuer` is the URL that the tokens name. */
export async function openLogin(scope: Scope, subject: Subject, { issuer }: { issuer: string }): Promise<TokenResponse> {
  const now = scope.clock.now()
  const { logins } = subject.policy.settings
  const refresh = subject.kind === 'client' ? undefined : await newRefreshToken()
  const loginId = newId()
  const accessExpiresAt = now + subject.accessTokenLifetime * 1000
  const stored = await insertLogin(scope.db, {
    login: {
      id: loginId,
      kind: subject.kind,
      userId: subject.userId,
      domainId: ownNode(subject.chain).id,
      credentialId: subject.credentialId,
      // Nothing notes when a client connects, so its hub is always told.
      hasHub: subject.kind === 'client',
      createdAt: now,
      expiresAt: refresh === undefined ? accessExpiresAt : now + logins.refreshTokenLifetime * 1000,
      accessExpiresAt,
    },
    role: subject.role,
    domainIds: subject.chain.map((node) => node.id),
    refreshTokenHash: refresh?.hash ?? null,
  })
  if (!stored) throw new AppError('invalidGrant')
  scope.logger.info('login.opened', { kind: subject.kind, userId: subject.userId, domainId: subject.policy.domainId, loginId })
  if (subject.kind === 'password' && logins.maxTokens > 0) await endOldest(scope, { userId: subject.userId, keep: logins.maxTokens })
  return tokensFor(scope, subject, { loginId, issuer, ...(refresh === undefined ? {} : { refreshToken: refresh.token }) })
}

/** The answer to a grant (RFC 6749 §5.1). */
export async function tokensFor(
  scope: Scope,
  subject: Subject,
  options: { loginId: string; issuer: string; refreshToken?: string },
): Promise<TokenResponse> {
  const { userId, role, username, displayName, policy, accessTokenLifetime: lifetime } = subject
  const { token } = await tokenService(scope.env).signAccessToken(
    {
      userId,
      role,
      username,
      domainId: policy.domainId,
      loginId: options.loginId,
      ...(displayName === undefined ? {} : { displayName }),
      ...(policy.jurisdiction === undefined ? {} : { jurisdiction: policy.jurisdiction }),
    },
    { issuer: options.issuer, lifetime },
  )
  return {
    access_token: token,
    token_type: 'Bearer',
    expires_in: lifetime,
    ...(options.refreshToken === undefined ? {} : { refresh_token: options.refreshToken }),
  }
}

/** Ends these logins, their tokens and their sockets. */
export async function endLoginsNow(scope: Scope, loginIds: readonly string[]): Promise<void> {
  const [ended] = await scope.db.batch([...endLogins(scope.db, { loginIds }, scope.clock.now())])
  announceEnded(scope, ended)
}

async function endOldest(scope: Scope, { userId, keep }: { userId: string; keep: number }): Promise<void> {
  const excess = await loginsBeyond(scope.db, { userId, keep, now: scope.clock.now() })
  if (excess.length > 0) await endLoginsNow(scope, excess)
}
