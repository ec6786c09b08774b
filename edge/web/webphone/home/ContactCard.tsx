import { ArrowLeft, Phone as PhoneIcon, UserRoundPlus, Video } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { useI18n } from '../../i18n/I18n.tsx'
import { Avatar } from '../../ui/Avatar.tsx'
import { Button } from '../../ui/Button.tsx'
import { IconButton } from '../../ui/IconButton.tsx'
import { usePhone } from '../PhoneContext.tsx'
import { useStore } from '../state/Store.ts'
import styles from './Detail.module.css'

/** One person, with the ways to reach them. */
export function ContactCard({ username }: { username: string }) {
  const phone = usePhone()
  useStore(phone.contacts)
  const { phase } = useStore(phone.calls)
  const { t } = useI18n()
  const titleRef = useRef<HTMLHeadingElement>(null)
  const { name } = phone.contacts.find(username)

  useEffect(() => titleRef.current?.focus(), [])

  return (
    <article className={styles.detail} data-testid="contact-card">
      <span className={styles.back}>
        <IconButton label={t('common.back')} icon={<ArrowLeft />} onPress={() => phone.route.back()} />
      </span>
      <Avatar name={name} identity={username} size="xl" />
      <h1 ref={titleRef} tabIndex={-1} data-focus-ring="none" className={styles.title}>
        {name}
      </h1>
      <p className={styles.text}>{username}</p>
      <div className={styles.actions}>
        {phase.kind === 'call' ? (
          <Button
            variant="primary"
            size="lg"
            icon={<UserRoundPlus />}
            onPress={() => void phase.controller.invite(username, { video: false })}
          >
            {t('call.addToThis')}
          </Button>
        ) : (
          <>
            <Button
              variant="primary"
              size="lg"
              icon={<PhoneIcon />}
              isDisabled={phase.kind !== 'idle'}
              onPress={() => void phone.calls.dial(username, { video: false })}
              data-testid="card-call-audio"
            >
              {t('call.audio')}
            </Button>
            <Button
              size="lg"
              icon={<Video />}
              isDisabled={phase.kind !== 'idle'}
              onPress={() => void phone.calls.dial(username, { video: true })}
              data-testid="card-call-video"
            >
              {t('call.video')}
            </Button>
          </>
        )}
      </div>
    </article>
  )
}
