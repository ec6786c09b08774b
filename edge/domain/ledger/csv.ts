import type { CallRecord } from '#shared/protocol/sapi/call-record.ts'

/** Call records as a table (RFC 4180), a line per participant; a call that nobody was in has one, too. */

const columns = [
  'callId',
  'roomId',
  'kind',
  'createdAt',
  'endedAt',
  'endReason',
  'participantId',
  'userId',
  'username',
  'joinedAt',
  'leftAt',
  'seconds',
  'leaveReason',
] as const

export const csvHeader = `${columns.join(',')}\r\n`

export function csvLines(record: CallRecord): string {
  const call = [record.callId, record.roomId, record.kind, isoTime(record.createdAt), isoTime(record.endedAt), record.endReason]
  const legs = record.participants.map(({ participantId, userId, username, joinedAt, leftAt, reason }) => [
    participantId,
    userId,
    username,
    isoTime(joinedAt),
    isoTime(leftAt),
    String((leftAt - joinedAt) / 1000),
    reason,
  ])
  return (legs.length === 0 ? [Array.from({ length: columns.length - call.length }, () => '')] : legs)
    .map((leg) => `${[...call, ...leg].map(cell).join(',')}\r\n`)
    .join('')
}

const isoTime = (time: number): string => new Date(time).toISOString()

/**
 * What spreadsheets would take for a formula gets an apostrophe in front (OWASP, CSV Injection): names come
 * from users of any domain.
 */
function cell(text: string): string {
  const safe = /^[=+\-@\t\r\n]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
