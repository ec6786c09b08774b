import { PhoneCall, PhoneMissed, PhoneOff, RotateCcw } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { type I18n, useI18n } from '../../i18n/I18n.tsx'
import { Button } from '../../ui/Button.tsx'
import { Duration } from '../../ui/Duration.tsx'
import { usePhone } from '../PhoneContext.tsx'
import { readableConference } from '../state/conference-link.ts'
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

  return (
    <article className={styles.detail} data-testid="call-summary" data-reason={summary.reason}>
      <span className={styles.icon} data-tone={summary.tone} aria-hidden="true">
        {icons[summary.tone]}
      </span>
      <h1 ref={titleRef} tabIndex={-1} data-focus-ring="none" className={styles.title}>
        {t(summary.reason, summary.values)}
      </h1>
      <p className={styles.text}>
        {aboutWhom(summary, t)}
        {summary.durationMs === null ? null : (
          <>
            {' · '}
            <Duration milliseconds={summary.durationMs} />
          </>
        )}
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

function aboutWhom({ names, durationMs, again }: CallSummary, t: I18n['t']): string {
  if (names.length > 0) return t(durationMs === null ? 'summary.to' : 'summary.with', { names: names.join(', ') })
  return again?.kind === 'join' && durationMs === null
    ? t('conference.readyText', { number: readableConference(again.roomId) })
    : t('summary.nobody')
}
