import type { ErrorCode } from '#shared/errors/codes.ts'
import type { CallEndReason, DeviceErrorCode, InviteEndReason } from '#shared/sdk/index.ts'
import { errorMessage, type MessageKey } from '../../i18n/messages.ts'
import type { CallView } from './call-view.ts'

/** What a call was, once it is over; or an attempt that came to nothing. */
export interface CallSummary {
  /** Whom it was with; empty for a conference that nobody else was in. */
  readonly names: readonly string[]
  readonly reason: MessageKey
  readonly values: Readonly<Record<string, string | number>>
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

export interface Ending {
  readonly reason: CallEndReason
  /** How the last invite that nobody accepted ended, and whose it was. */
  readonly lastInvite: { readonly reason: InviteEndReason; readonly to: string } | null
  /** Everybody else who was in the call. */
  readonly names: readonly string[]
  readonly again: Again | null
  readonly now: number
}

/** Puts the end of a call into words. A call that reached nobody ends for the reason of its invite. */
export function summaryOf(view: CallView, ending: Ending): CallSummary {
  const { reason, lastInvite } = ending
  const reached = view.startedAt !== null
  const failed = failures.has(reason)
  const names = ending.names.length === 0 && lastInvite !== null ? [lastInvite.to] : ending.names
  return {
    names,
    reason: reached || failed ? reasonOf(reason, names) : unreachedReason(ending),
    values: { name: names.join(', ') },
    tone: failed ? 'failed' : reached || reason === 'left' ? 'ended' : 'missed',
    durationMs: view.startedAt === null ? null : Math.max(0, ending.now - view.startedAt),
    again: ending.again,
  }
}

const reasonOf = (reason: CallEndReason, names: readonly string[]): MessageKey =>
  reason === 'lastParticipant' && names.length > 1 ? 'ended.everybodyLeft' : endReasons[reason]

function unreachedReason({ reason, lastInvite }: Ending): MessageKey {
  if (reason === 'left') return 'ended.cancelled'
  return lastInvite === null ? endReasons[reason] : inviteReasons[lastInvite.reason]
}

/** What the server says of somebody, said with their name. */
const refusals: Readonly<Partial<Record<string, MessageKey>>> = { userOffline: 'ended.offline', userBusy: 'ended.busy' }

/** The time that a meeting's door was not open at, where the server says which it is. */
const instants: Readonly<Partial<Record<string, { readonly reason: MessageKey; readonly of: string }>>> = {
  meetingNotStarted: { reason: 'meeting.begins', of: 'validSince' },
  meetingEnded: { reason: 'meeting.ended', of: 'validUntil' },
}

/** An attempt that the server or a device refused. `name`: whom it was to reach; empty for a conference. */
export function refusedSummary(
  code: string,
  { again, name, context }: { again: Again; name: string; context: Readonly<Record<string, unknown>> },
): CallSummary {
  const instant = instants[code]
  const at = instant === undefined ? undefined : context[instant.of]
  const timed = instant !== undefined && typeof at === 'number'
  return {
    names: name === '' ? [] : [name],
    reason: timed ? instant.reason : (refusals[code] ?? errorMessage(code)),
    values: timed ? { at } : { code, name },
    tone: code.startsWith('user') ? 'missed' : 'failed',
    durationMs: null,
    again,
  }
}
