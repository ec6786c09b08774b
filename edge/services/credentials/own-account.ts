import { AppError } from '#shared/errors/AppError.ts'
import type { ImsAccount } from '#shared/protocol/sapi/ims.ts'
import { findImsCredential } from '#edge/db/d1/credentials.ts'
import { returnLoan, takeLoan } from '#edge/db/d1/ims-loans.ts'
import { findLogin } from '#edge/db/d1/logins.ts'
import { isAnonymousUserId } from '#edge/domain/identity/anonymous.ts'
import type { Identity } from '#edge/domain/identity.ts'
import type { Scope } from '../scope.ts'
import { userHub } from '../stubs.ts'
import { accountOf } from './ims.ts'

/**
 * The caller's account on the SIP gateway: a user's own, or one that a visitor borrows from the pool of its
 * domain until its last session ends.
 * @throws AppError `notFound`, `sessionRequired`, `poolExhausted`.
 */
export async function obtainAccount(scope: Scope, actor: Identity): Promise<ImsAccount> {
  if (isAnonymousUserId(actor.userId)) return borrow(scope, actor)
  const credential = await findImsCredential(scope.db, actor.userId)
  if (credential === undefined) throw new AppError('notFound')
  return accountOf(scope, credential, { borrowed: false })
}

export async function giveBackAccount(scope: Scope, actor: Identity): Promise<void> {
  if (!isAnonymousUserId(actor.userId)) return
  const hub = await ownHub(scope, actor)
  await hub?.endLoan()
}

/**
 * The visitor's hub names the loan, and returns it when its last session ends. It may do so while the
 * account is being taken: then what was taken goes back here.
 */
async function borrow(scope: Scope, actor: Identity): Promise<ImsAccount> {
  const { userId, domainId } = actor
  const hub = await ownHub(scope, actor)
  const loanId = (await hub?.beginLoan()) ?? null
  if (hub === undefined || loanId === null) throw new AppError('sessionRequired')
  const credential = await takeLoan(scope.db, { loanId, userId, domainId, now: scope.clock.now() })
  if (credential === undefined) {
    scope.logger.warn('ims.poolExhausted', { domainId })
    throw new AppError('poolExhausted')
  }
  if ((await hub.beginLoan()) !== loanId) {
    await returnLoan(scope.db, loanId, scope.clock.now())
    throw new AppError('sessionRequired')
  }
  return accountOf(scope, credential, { borrowed: true })
}

/** Undefined: the visitor never connected, and its hub must not be touched. */
async function ownHub(scope: Scope, { userId, loginId, jurisdiction }: Identity) {
  const login = await findLogin(scope.db, loginId)
  if (login?.hasHub !== true) return undefined
  return userHub(scope.env, { userId, ...(jurisdiction === undefined ? {} : { jurisdiction }) })
}
