import { ArrowLeft, Phone as PhoneIcon, UsersRound, Video } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { useI18n } from '../../i18n/I18n.tsx'
import { Button } from '../../ui/Button.tsx'
import { IconButton } from '../../ui/IconButton.tsx'
import { usePhone } from '../PhoneContext.tsx'
import { isMeeting, readableConference } from '../state/conference-link.ts'
import { CopyLink } from './CopyLink.tsx'
import styles from './Detail.module.css'

/** The door of a conference: nobody is heard or seen before they choose how to come in. */
export function JoinCard({ roomId }: { roomId: string }) {
  const phone = usePhone()
  const { t } = useI18n()
  const titleRef = useRef<HTMLHeadingElement>(null)
  useEffect(() => titleRef.current?.focus(), [])

  return (
    <article className={styles.detail} data-testid="join-card">
      <span className={styles.back}>
        <IconButton label={t('common.back')} icon={<ArrowLeft />} onPress={() => phone.route.go({ view: 'home' })} />
      </span>
      <span className={styles.icon} aria-hidden="true">
        <UsersRound />
      </span>
      <h1 ref={titleRef} tabIndex={-1} data-focus-ring="none" className={styles.title}>
        {t('conference.readyTitle')}
      </h1>
      <p className={styles.text}>
        {isMeeting(roomId) ? t('meeting.readyText') : t('conference.readyText', { number: readableConference(roomId) })}
      </p>
      <CopyLink roomId={roomId} />
      <div className={styles.actions}>
        <Button
          variant="primary"
          size="lg"
          icon={<Video />}
          onPress={() => void phone.calls.join(roomId, { audio: true, video: true })}
          data-testid="join-video"
        >
          {t('conference.joinVideo')}
        </Button>
        <Button
          size="lg"
          icon={<PhoneIcon />}
          onPress={() => void phone.calls.join(roomId, { audio: true, video: false })}
          data-testid="join-audio"
        >
          {t('conference.joinAudio')}
        </Button>
      </div>
    </article>
  )
}
