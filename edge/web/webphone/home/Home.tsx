import type { RefObject } from 'react'
import { useI18n } from '../../i18n/I18n.tsx'
import { classNames } from '../../ui/class-names.ts'
import { usePhone } from '../PhoneContext.tsx'
import { useStore } from '../state/Store.ts'
import { CallStrip } from './CallStrip.tsx'
import { ContactCard } from './ContactCard.tsx'
import styles from './Home.module.css'
import { JoinCard } from './JoinCard.tsx'
import { Overview } from './Overview.tsx'
import { Sidebar } from './Sidebar.tsx'
import { SummaryCard } from './SummaryCard.tsx'

/** The page between calls: people on one side, what is being looked at on the other; on a phone, one over the other. */
export function Home({ searchRef, onShortcuts }: { searchRef: RefObject<HTMLInputElement | null>; onShortcuts: () => void }) {
  const phone = usePhone()
  const route = useStore(phone.route)
  const { phase } = useStore(phone.calls)
  const { t } = useI18n()
  const detail =
    phase.kind === 'over' ? (
      <SummaryCard summary={phase.summary} />
    ) : route.view === 'contact' ? (
      <ContactCard key={route.username} username={route.username} />
    ) : route.view === 'join' && phase.kind === 'idle' ? (
      <JoinCard key={route.roomId} roomId={route.roomId} />
    ) : null

  return (
    <div className={styles.page}>
      {phase.kind === 'call' ? <CallStrip controller={phase.controller} /> : null}
      <div className={classNames(styles.columns, detail !== null && styles.withDetail)}>
        <Sidebar searchRef={searchRef} onShortcuts={onShortcuts} />
        <main className={styles.main} aria-label={t('home.title')}>
          {detail ?? <Overview />}
        </main>
      </div>
    </div>
  )
}
