import type { I18n } from '../../i18n/I18n.tsx'
import { isMeeting } from '../state/conference-link.ts'
import type { CallView } from '../state/call-view.ts'

/** Whom the call is with, in a few words. */
export function callTitle(view: CallView, t: I18n['t']): string {
  const names = view.others.map((other) => other.displayName)
  const [first, second] = names
  if (view.kind === 'conference') return t(isMeeting(view.id) ? 'meeting.title' : 'call.conference')
  if (first === undefined) {
    const ringing = view.invites[0]
    return ringing === undefined ? t('call.title') : ringing.displayName
  }
  if (second === undefined) return first
  return names.length === 2 ? t('call.two', { first, second }) : t('call.many', { first, second, count: names.length - 2 })
}
