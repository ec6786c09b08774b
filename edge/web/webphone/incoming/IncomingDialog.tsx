import { BellOff, Phone as PhoneIcon, PhoneOff, Video } from 'lucide-react'
import { Dialog } from 'react-aria-components/Dialog'
import { Heading } from 'react-aria-components/Heading'
import { Modal, ModalOverlay } from 'react-aria-components/Modal'
import { useI18n } from '../../i18n/I18n.tsx'
import { Avatar } from '../../ui/Avatar.tsx'
import { Button } from '../../ui/Button.tsx'
import { usePhone } from '../PhoneContext.tsx'
import type { IncomingView } from '../state/CallsStore.ts'
import styles from './IncomingDialog.module.css'
import { RoundButton } from './RoundButton.tsx'

export interface IncomingDialogProps {
  readonly invite: IncomingView
  /** Others who ring at the same time. */
  readonly waiting: readonly IncomingView[]
  readonly silenced: boolean
  readonly onSilence: (id: string) => void
}

/**
 * A call rings. The dialog takes the focus but none of its buttons does: whoever is typing must not
 * accept or decline by it. Escape asks to close it, which only silences.
 */
export function IncomingDialog({ invite, waiting, silenced, onSilence }: IncomingDialogProps) {
  const { calls } = usePhone()
  const { t } = useI18n()
  return (
    <ModalOverlay isOpen onOpenChange={() => onSilence(invite.id)} className={styles.overlay ?? ''}>
      <Modal className={styles.modal ?? ''}>
        <Dialog
          role="alertdialog"
          className={styles.dialog ?? ''}
          data-testid="incoming-call"
          data-username={invite.username}
          data-focus-ring="none"
        >
          <div className={styles.content}>
            <Avatar name={invite.name} identity={invite.username} size="xl" ringing={!invite.answering} />
            <Heading slot="title" level={1} className={styles.title ?? ''}>
              {t(invite.video ? 'incoming.video' : 'incoming.audio', { name: invite.name })}
            </Heading>
            <p className={styles.from}>{invite.username}</p>
            <div className={styles.actions}>
              <RoundButton
                tone="accept"
                label={t('incoming.acceptAudio')}
                caption={t('incoming.acceptAudioShort')}
                icon={<PhoneIcon />}
                isPending={invite.answering}
                onPress={() => void calls.accept(invite.id, { video: false })}
                data-testid="accept-audio"
              />
              <RoundButton
                tone="accept"
                label={t('incoming.acceptVideo')}
                caption={t('incoming.acceptVideoShort')}
                icon={<Video />}
                isDisabled={invite.answering}
                onPress={() => void calls.accept(invite.id, { video: true })}
                data-testid="accept-video"
              />
              <RoundButton
                tone="decline"
                label={t('incoming.decline')}
                caption={t('incoming.declineShort')}
                icon={<PhoneOff />}
                isDisabled={invite.answering}
                onPress={() => void calls.decline(invite.id)}
                data-testid="decline"
              />
            </div>
            <Button variant="quiet" icon={<BellOff />} isDisabled={silenced} onPress={() => onSilence(invite.id)} data-testid="silence">
              {t(silenced ? 'incoming.silenced' : 'incoming.silence')}
            </Button>
            {waiting.length === 0 ? null : (
              <p className={styles.waiting}>{t('incoming.waiting', { names: waiting.map((other) => other.name).join(', ') })}</p>
            )}
          </div>
        </Dialog>
      </Modal>
    </ModalOverlay>
  )
}
