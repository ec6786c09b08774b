import type { ErrorCode } from '#shared/errors/codes.ts'
import type { CallEndReason, DeviceErrorCode, InviteEndReason } from '#shared/sdk/index.ts'
import { errorMessage, type MessageKey } from '../../i18n/messages.ts'
import { type CallView, localPart } from './call-view.ts'

/** What a call was, once it is over; or an attempt that came to nothing. */
export interface CallSummary {
  /** Whom it was with; empty for a conference that nobody else was in. */
  readonly names: readonly string[]
  readonly reason: MessageKey
  readonly values: Readonly<Record<string, string>>
  readonly tone: 'ended' | 'missed' | 'failed'
  /** Null where nobody was reached. */
  readonly durationMs: number | null
  /** How to try again. */
  readonly again: Again | null
}

export type Again =
  | { readonly kind: 'dial'; readonly to: string; readonly video: boolean }
  | { readonly kind: 'join'; readonly roomId: string }

const endReasons: Readonly<Record<CallEndReason, MessageKey>> = {
  left: 'ended.left',
  kicked: 'ended.kicked',
  connectionLost: 'ended.connectionLost',
  revoked: 'ended.revoked',
  roomEnded: 'ended.ended',
  ended: 'ended.ended',
  empty: 'ended.empty',
  lastParticipant: 'ended.lastParticipant',
  unanswered: 'ended.unanswered',
  replaced: 'ended.replaced',
  failed: 'ended.failed',
}

const inviteReasons: Readonly<Record<InviteEndReason, MessageKey>> = {
  acceptedElsewhere: 'ended.left',
  accepted: 'ended.left',
  declined: 'ended.declined',
  cancelled: 'ended.cancelled',
  timeout: 'ended.unanswered',
  busy: 'ended.busy',
  offline: 'ended.offline',
  roomEnded: 'ended.ended',
}

/** Every code has a sentence of its own: the compiler finds the one that is missing. */
type ErrorMessageKey = `error.${ErrorCode | DeviceErrorCode}`
const everyErrorHasAMessage: ErrorMessageKey extends MessageKey ? true : never = true
void everyErrorHasAMessage

const failures: ReadonlySet<CallEndReason> = new Set(['connectionLost', 'revoked', 'failed'])

export function summaryOf(
  view: CallView,
  ending: {
    reason: CallEndReason
    lastInvite: { reason: InviteEndReason; to: string } | null
    names: readonly string[]
    again: Again | null
    now: number
  },
): CallSummary {
  const reached = view.startedAt !== null
  const { reason, lastInvite } = ending
  const unanswered = !reached && lastInvite !== null && reason !== 'left' && !failures.has(reason)
  const message = unanswered ? inviteReasons[lastInvite.reason] : !reached && reason === 'left' ? 'ended.cancelled' : endReasons[reason]
  const names = ending.names.length === 0 && lastInvite !== null ? [lastInvite.to] : ending.names
  return {
    names,
    reason: message,
    values: { name: names.join(', ') },
    tone: failures.has(reason) ? 'failed' : reached || reason === 'left' ? 'ended' : 'missed',
    durationMs: view.startedAt === null ? null : Math.max(0, ending.now - view.startedAt),
    again: ending.again,
  }
}

/** An attempt that the server or a device refused. */
export function refusedSummary(code: string, again: Again): CallSummary {
  const name = again.kind === 'dial' ? localPart(again.to) : ''
  return {
    names: name === '' ? [] : [name],
    reason: errorMessage(code),
    values: { code, name },
    tone: code.startsWith('user') ? 'missed' : 'failed',
    durationMs: null,
    again,
  }
}
