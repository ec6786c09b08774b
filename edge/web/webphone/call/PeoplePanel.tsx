import { Crown, EllipsisVertical, Lock, LockOpen, MicOff, Mic, UserRoundPlus, UserRoundX, X } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { VisuallyHidden } from 'react-aria-components/VisuallyHidden'
import { useI18n } from '../../i18n/I18n.tsx'
import { Avatar } from '../../ui/Avatar.tsx'
import { Badge } from '../../ui/Badge.tsx'
import { Button } from '../../ui/Button.tsx'
import { Dialog } from '../../ui/Dialog.tsx'
import { IconButton } from '../../ui/IconButton.tsx'
import { Menu, MenuItem } from '../../ui/Menu.tsx'
import { CopyLink } from '../home/CopyLink.tsx'
import type { CallController } from '../state/CallController.ts'
import { type CallView, isMuted, type ParticipantView } from '../state/call-view.ts'
import styles from './PeoplePanel.module.css'

interface PanelProps {
  readonly view: CallView
  readonly controller: CallController
  readonly onClose: () => void
  readonly onAdd: () => void
}

/** Who is in, beside the stage. */
export function PeoplePanel(props: PanelProps) {
  const { t } = useI18n()
  const titleRef = useRef<HTMLHeadingElement>(null)
  useEffect(() => titleRef.current?.focus(), [])
  return (
    <aside className={styles.panel} aria-labelledby="people-title" data-testid="participants-panel">
      <header className={styles.header}>
        <h2 id="people-title" ref={titleRef} tabIndex={-1} data-focus-ring="none" className={styles.title}>
          {t('people.title')}
        </h2>
        <IconButton label={t('common.close')} icon={<X />} onPress={props.onClose} />
      </header>
      <div className={styles.scroll}>
        <People {...props} />
      </div>
    </aside>
  )
}

/** The same over the page, where it is narrow. */
export function PeopleDialog({ isOpen, ...props }: PanelProps & { isOpen: boolean }) {
  const { t } = useI18n()
  return (
    <Dialog
      title={t('people.title')}
      closeLabel={t('common.close')}
      isOpen={isOpen}
      onClose={props.onClose}
      data-testid="participants-panel"
    >
      <People {...props} />
    </Dialog>
  )
}

function People({ view, controller, onAdd }: PanelProps) {
  const { t } = useI18n()
  return (
    <>
      <ul className={styles.list} aria-label={t('people.inCall')}>
        {[view.me, ...view.others].map((person) => (
          <Person key={person.id} person={person} view={view} controller={controller} />
        ))}
        {view.invites.map((invite) => (
          <li key={invite.id} className={styles.person} data-testid={`invited-${invite.username}`}>
            <Avatar name={invite.displayName} identity={invite.username} size="sm" />
            <span className={styles.names}>
              <span className={styles.name}>{invite.displayName}</span>
              <span className={styles.detail}>{t('people.ringing')}</span>
            </span>
            {invite.mine || view.isOwner ? (
              <IconButton
                size="sm"
                label={t('call.cancelInvite', { name: invite.displayName })}
                icon={<X />}
                onPress={() => void controller.cancelInvite(invite.id)}
              />
            ) : null}
          </li>
        ))}
      </ul>
      <div className={styles.actions}>
        <Button fill icon={<UserRoundPlus />} onPress={onAdd}>
          {t('controls.add')}
        </Button>
        {view.isOwner ? (
          <Button
            fill
            icon={view.locked ? <LockOpen /> : <Lock />}
            onPress={() => void controller.setLocked(!view.locked)}
            data-testid="toggle-lock"
          >
            {t(view.locked ? 'people.unlock' : 'people.lock')}
          </Button>
        ) : null}
        {view.kind === 'conference' ? <CopyLink roomId={view.id} /> : null}
      </div>
    </>
  )
}

function Person({ person, view, controller }: { person: ParticipantView; view: CallView; controller: CallController }) {
  const { t } = useI18n()
  const muted = isMuted(person)
  const name = person.isMe ? t('people.me', { name: person.displayName }) : person.displayName
  return (
    <li className={styles.person} data-testid={`person-${person.id}`} data-username={person.username}>
      <Avatar name={person.displayName} identity={person.username} size="sm" />
      <span className={styles.names}>
        <span className={styles.name}>{name}</span>
        <span className={styles.detail}>{person.connected ? person.username : t('tile.reconnecting')}</span>
      </span>
      {person.owner ? <Badge icon={<Crown />}>{t('people.owner')}</Badge> : null}
      <span className={styles.microphone} data-muted={muted}>
        {muted ? <MicOff aria-hidden="true" /> : <Mic aria-hidden="true" />}
        <VisuallyHidden>{t(muted ? 'tile.muted' : 'people.unmuted')}</VisuallyHidden>
      </span>
      {view.isOwner && !person.isMe ? (
        <Menu
          aria-label={t('people.actions', { name: person.displayName })}
          trigger={
            <IconButton
              size="sm"
              label={t('people.actions', { name: person.displayName })}
              icon={<EllipsisVertical />}
              data-testid={`person-actions-${person.id}`}
            />
          }
          disabledKeys={muted ? ['mute'] : []}
          onAction={(key) => void (key === 'mute' ? controller.muteParticipant(person.id) : controller.kick(person.id))}
        >
          <MenuItem id="mute" icon={<MicOff />} data-testid="mute-participant">
            {t('people.mute')}
          </MenuItem>
          <MenuItem id="kick" icon={<UserRoundX />} tone="danger" data-testid="kick-participant">
            {t('people.kick')}
          </MenuItem>
        </Menu>
      ) : null}
    </li>
  )
}
