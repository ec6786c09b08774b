import { BellOff, Phone as PhoneIcon, PhoneOff, Video } from 'lucide-react'
import type { Ref } from 'react'
import { useI18n } from '../../i18n/I18n.tsx'
import { Avatar } from '../../ui/Avatar.tsx'
import { Button } from '../../ui/Button.tsx'
import { IconButton } from '../../ui/IconButton.tsx'
import { keys } from '../keys.ts'
import { usePhone } from '../PhoneContext.tsx'
import type { IncomingView } from '../state/CallsStore.ts'
import styles from './IncomingCard.module.css'

export interface IncomingCardProps {
  readonly invites: readonly IncomingView[]
  readonly silenced: ReadonlySet<string>
  readonly onSilence: (id: string) => void
  readonly ref: Ref<HTMLElement>
}

/** Who rings while one is in a call: read out, but it takes neither the focus nor the page. */
export function IncomingCard({ invites, silenced, onSilence, ref }: IncomingCardProps) {
  const { calls } = usePhone()
  const { t } = useI18n()
  return (
    <section
      className={styles.stack}
      ref={ref}
      tabIndex={-1}
      aria-label={t('incoming.region', { key: keys.incoming.shown })}
      data-focus-ring="none"
    >
      {invites.map((invite) => (
        <article
          key={invite.id}
          className={styles.card}
          aria-label={t(invite.video ? 'incoming.video' : 'incoming.audio', { name: invite.name })}
          data-testid="incoming-call"
          data-username={invite.username}
        >
          <div className={styles.who}>
            <Avatar name={invite.name} identity={invite.username} />
            <div className={styles.names}>
              <strong className={styles.name}>{t(invite.video ? 'incoming.video' : 'incoming.audio', { name: invite.name })}</strong>
              <span className={styles.note}>{t('incoming.leavesThisCall')}</span>
            </div>
            <IconButton
              size="sm"
              label={t(silenced.has(invite.id) ? 'incoming.silenced' : 'incoming.silence')}
              icon={<BellOff />}
              isDisabled={silenced.has(invite.id)}
              onPress={() => onSilence(invite.id)}
              data-testid="silence"
            />
          </div>
          <div className={styles.actions}>
            <Button
              variant="danger"
              icon={<PhoneOff />}
              isDisabled={invite.answering}
              onPress={() => void calls.decline(invite.id)}
              data-testid="decline"
            >
              {t('incoming.declineShort')}
            </Button>
            <Button
              variant="positive"
              icon={<PhoneIcon />}
              isPending={invite.answering}
              onPress={() => void calls.accept(invite.id, { video: false })}
              data-testid="accept-audio"
            >
              {t('incoming.acceptAudioShort')}
            </Button>
            <Button
              variant="positive"
              icon={<Video />}
              isDisabled={invite.answering}
              onPress={() => void calls.accept(invite.id, { video: true })}
              data-testid="accept-video"
            >
              {t('incoming.acceptVideoShort')}
            </Button>
          </div>
        </article>
      ))}
    </section>
  )
}
