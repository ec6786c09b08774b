import { CircleAlert, X } from 'lucide-react'
import { useEffect, useState } from 'react'
import { useI18n } from '../i18n/I18n.tsx'
import { classNames } from '../ui/class-names.ts'
import { IconButton } from '../ui/IconButton.tsx'
import styles from './Notices.module.css'
import { usePhone } from './PhoneContext.tsx'
import type { Notice } from './state/NoticesStore.ts'
import { useStore } from './state/Store.ts'

const shownFor = { info: 5000, error: 9000 } as const

/** Short messages over the page. The region stays, so that each new one is read out. */
export function Notices() {
  const notices = useStore(usePhone().notices)
  return (
    <div className={styles.region} aria-live="polite" aria-relevant="additions" data-testid="notices">
      {notices.map((notice) => (
        <NoticeCard key={notice.id} notice={notice} />
      ))}
    </div>
  )
}

function NoticeCard({ notice }: { notice: Notice }) {
  const { notices } = usePhone()
  const { t } = useI18n()
  const [held, setHeld] = useState(false)

  useEffect(() => {
    if (held) return undefined
    const timer = setTimeout(() => notices.dismiss(notice.id), shownFor[notice.tone])
    return () => clearTimeout(timer)
  }, [held, notice, notices])

  return (
    <div
      className={classNames(styles.notice, styles[notice.tone])}
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      {notice.tone === 'error' ? <CircleAlert className={styles.icon} aria-hidden="true" /> : null}
      <span className={styles.text}>{t(notice.message, notice.values)}</span>
      <IconButton size="sm" label={t('common.dismiss')} icon={<X />} onPress={() => notices.dismiss(notice.id)} />
    </div>
  )
}
