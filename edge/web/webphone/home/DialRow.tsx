import { AtSign } from 'lucide-react'
import type { ReactNode } from 'react'
import { useI18n } from '../../i18n/I18n.tsx'
import styles from './DialRow.module.css'

/** What was typed, as somebody to call: people outside of the contacts are reached by their address. */
export function DialRow({ to, actions }: { to: string; actions: ReactNode }) {
  const { t } = useI18n()
  return (
    <div className={styles.row} data-testid="dial-row">
      <span className={styles.icon} aria-hidden="true">
        <AtSign />
      </span>
      <span className={styles.text}>
        <span className={styles.to}>{to}</span>
        <span className={styles.hint}>{t('contacts.dialHint')}</span>
      </span>
      {actions}
    </div>
  )
}
