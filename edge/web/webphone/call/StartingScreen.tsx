import { PhoneOff } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { useI18n } from '../../i18n/I18n.tsx'
import { Avatar } from '../../ui/Avatar.tsx'
import { Spinner } from '../../ui/Spinner.tsx'
import { usePhone } from '../PhoneContext.tsx'
import type { Target } from '../state/CallsStore.ts'
import { ControlButton } from './ControlButton.tsx'
import styles from './StartingScreen.module.css'

/** Between the press of a call button and the server's answer. */
export function StartingScreen({ to }: { to: Target | null }) {
  const phone = usePhone()
  const { t } = useI18n()
  const titleRef = useRef<HTMLHeadingElement>(null)
  useEffect(() => titleRef.current?.focus(), [])
  const name = to === null ? t('call.conference') : to.name

  return (
    <main className={styles.screen} data-testid="starting">
      {to === null ? null : <Avatar name={name} identity={to.username} size="xl" />}
      <h1 ref={titleRef} tabIndex={-1} data-focus-ring="none" className={styles.title}>
        {name}
      </h1>
      <p className={styles.text} data-testid="call-state" data-state="connecting">
        <Spinner />
        {t('call.connecting')}
      </p>
      <ControlButton
        label={t('controls.cancel')}
        caption={t('common.cancel')}
        icon={<PhoneOff />}
        look="hangUp"
        onPress={() => phone.calls.cancelStart()}
        data-testid="hang-up"
      />
    </main>
  )
}
