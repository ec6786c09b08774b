import { Maximize2 } from 'lucide-react'
import { useI18n } from '../../i18n/I18n.tsx'
import { Button } from '../../ui/Button.tsx'
import { callTitle } from '../call/call-title.ts'
import { CallTimer } from '../call/CallTimer.tsx'
import { usePhone } from '../PhoneContext.tsx'
import type { CallController } from '../state/CallController.ts'
import { useStore } from '../state/Store.ts'
import styles from './CallStrip.module.css'

/** The call that goes on while one looks at something else. */
export function CallStrip({ controller }: { controller: CallController }) {
  const phone = usePhone()
  const view = useStore(controller)
  const { t } = useI18n()
  return (
    <aside className={styles.strip} aria-label={t('call.inProgress')}>
      <span className={styles.pulse} aria-hidden="true" />
      <strong className={styles.title}>{callTitle(view, t)}</strong>
      <CallTimer startedAt={view.startedAt} />
      <span className={styles.action}>
        <Button
          variant="positive"
          icon={<Maximize2 />}
          onPress={() => phone.route.go({ view: 'call' }, view.kind === 'conference' ? { roomId: phone.calls.addressOf(view.id) } : {})}
          data-testid="return-to-call"
        >
          {t('call.return')}
        </Button>
      </span>
    </aside>
  )
}
