import { PhoneCall, PhoneMissed, PhoneOff, RotateCcw } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { type I18n, useI18n } from '../../i18n/I18n.tsx'
import { Button } from '../../ui/Button.tsx'
import { Duration } from '../../ui/Duration.tsx'
import { usePhone } from '../PhoneContext.tsx'
import { isMeeting, readableConference } from '../state/conference-link.ts'
import type { CallSummary } from '../state/summary.ts'
import styles from './Detail.module.css'

const icons = { ended: <PhoneOff />, missed: <PhoneMissed />, failed: <PhoneOff /> } as const

/** How a call ended, in words, and how to go on. */
export function SummaryCard({ summary }: { summary: CallSummary }) {
  const phone = usePhone()
  const { t } = useI18n()
  const titleRef = useRef<HTMLHeadingElement>(null)
  const { again } = summary
  useEffect(() => titleRef.current?.focus(), [])
  const title = t(summary.reason, summary.values)
  const about = aboutWhom(summary, title, t)

  return (
    <article className={styles.detail} data-testid="call-summary" data-reason={summary.reason}>
      <span className={styles.icon} data-tone={summary.tone} aria-hidden="true">
        {icons[summary.tone]}
      </span>
      <h1 ref={titleRef} tabIndex={-1} data-focus-ring="none" className={styles.title}>
        {title}
      </h1>
      <p className={styles.text}>
        {about}
        {about !== '' && summary.durationMs !== null ? ' · ' : null}
        {summary.durationMs === null ? null : <Duration milliseconds={summary.durationMs} />}
      </p>
      <div className={styles.actions}>
        {again === null ? null : (
          <Button
            variant="primary"
            size="lg"
            icon={again.kind === 'join' ? <RotateCcw /> : <PhoneCall />}
            onPress={() => {
              phone.calls.dismissSummary()
              void phone.calls.again(again)
            }}
            data-testid="call-again"
          >
            {t(again.kind === 'join' ? 'summary.rejoin' : 'summary.again')}
          </Button>
        )}
        <Button size="lg" onPress={() => phone.calls.dismissSummary()} data-testid="summary-done">
          {t('summary.done')}
        </Button>
      </div>
    </article>
  )
}

/** Whom the call was with, unless the title says it. */
function aboutWhom({ names, durationMs, again }: CallSummary, title: string, t: I18n['t']): string {
  const everybody = names.join(', ')
  if (everybody !== '' && title.includes(everybody)) return ''
  if (everybody !== '') return t(durationMs === null ? 'summary.to' : 'summary.with', { names: everybody })
  if (again?.kind === 'join' && durationMs === null) {
    return isMeeting(again.roomId) ? t('meeting.title') : t('conference.readyText', { number: readableConference(again.roomId) })
  }
  return t('summary.nobody')
}
