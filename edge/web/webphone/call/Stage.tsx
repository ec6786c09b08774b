import { X } from 'lucide-react'
import { useI18n } from '../../i18n/I18n.tsx'
import { IconButton } from '../../ui/IconButton.tsx'
import { useMediaQuery } from '../../ui/useMediaQuery.ts'
import type { CallController } from '../state/CallController.ts'
import { type CallView, type ParticipantView, playing } from '../state/call-view.ts'
import { CopyLink } from '../home/CopyLink.tsx'
import { Ringing } from './Ringing.tsx'
import { RingingTile, ScreenTile, Tile } from './Tile.tsx'
import styles from './Stage.module.css'
import { tileGrid } from './tile-grid.ts'
import { useSize } from './useSize.ts'

const gap = 12

/** Everybody who is in, arranged by how many they are and whether somebody shows a screen. */
export function Stage({ view, controller }: { view: CallView; controller: CallController }) {
  const sharer = [...view.others, view.me].find((participant) => playing(participant, 'screen') !== undefined)
  if (sharer !== undefined) return <ScreenStage view={view} sharer={sharer} controller={controller} />
  if (view.others.length === 0) return <Waiting view={view} controller={controller} />
  if (view.others.length === 1 && view.invites.length === 0) return <Duo view={view} />
  return <Grid view={view} controller={controller} />
}

/** Nobody else is in: the call rings, or a conference waits for its people. */
function Waiting({ view, controller }: { view: CallView; controller: CallController }) {
  const { t } = useI18n()
  return (
    <div className={styles.single}>
      {view.invites.length > 0 ? (
        <Ringing people={view.invites} />
      ) : view.kind === 'conference' ? (
        <div className={styles.waiting}>
          <h2 className={styles.waitingTitle}>{t('conference.waitingTitle')}</h2>
          <p className={styles.waitingText}>{t('conference.waitingText')}</p>
          <CopyLink roomId={view.id} />
        </div>
      ) : (
        <output className={styles.waitingText}>{t('call.connecting')}</output>
      )}
      <Self me={view.me} />
      {view.invites.length > 1 ? <PendingInvites view={view} controller={controller} /> : null}
    </div>
  )
}

function PendingInvites({ view, controller }: { view: CallView; controller: CallController }) {
  const { t } = useI18n()
  return (
    <ul className={styles.pending}>
      {view.invites.map((invite) => (
        <li key={invite.id}>
          {invite.displayName}
          <IconButton
            size="sm"
            label={t('call.cancelInvite', { name: invite.displayName })}
            icon={<X />}
            onPress={() => void controller.cancelInvite(invite.id)}
          />
        </li>
      ))}
    </ul>
  )
}

function Duo({ view }: { view: CallView }) {
  const [other] = view.others
  if (other === undefined) return null
  return (
    <div className={styles.single}>
      <Tile participant={other} style={{ inlineSize: '100%', blockSize: '100%' }} />
      <Self me={view.me} />
    </div>
  )
}

const Self = ({ me }: { me: ParticipantView }) => (
  <div className={styles.self}>
    <Tile participant={me} shape="floating" style={{ inlineSize: '100%', blockSize: '100%' }} />
  </div>
)

function Grid({ view, controller }: { view: CallView; controller: CallController }) {
  const { t } = useI18n()
  const { ref, size } = useSize()
  const count = view.others.length + 1 + view.invites.length
  const grid = tileGrid({ ...size, count, gap })
  const style = { inlineSize: grid.width, blockSize: grid.height }
  return (
    <div className={styles.grid} ref={ref}>
      <div className={styles.wrap} style={{ gap, inlineSize: grid.columns * grid.width + (grid.columns - 1) * gap }}>
        {view.others.map((other) => (
          <Tile key={other.id} participant={other} style={style} />
        ))}
        <Tile participant={view.me} style={style} />
        {view.invites.map((invite) => (
          <RingingTile
            key={invite.id}
            name={invite.displayName}
            username={invite.username}
            style={style}
            action={
              invite.mine || view.isOwner ? (
                <IconButton
                  size="sm"
                  variant="raised"
                  label={t('call.cancelInvite', { name: invite.displayName })}
                  icon={<X />}
                  onPress={() => void controller.cancelInvite(invite.id)}
                />
              ) : null
            }
          />
        ))}
      </div>
    </div>
  )
}

/** A shared screen takes the stage; everybody stands in a strip beside it, or below it where the page is narrow. */
function ScreenStage({ view, sharer, controller }: { view: CallView; sharer: ParticipantView; controller: CallController }) {
  const { t } = useI18n()
  const wide = useMediaQuery('(min-width: 52rem)')
  return (
    <div className={styles.screenStage} data-wide={wide}>
      <ScreenTile participant={sharer} />
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- A box that scrolls must be reachable by keyboard. */}
      <section className={styles.strip} tabIndex={0} aria-label={t('call.everybody')}>
        {[...view.others, view.me].map((participant) => (
          <Tile key={participant.id} participant={participant} shape="strip" />
        ))}
        {view.invites.map((invite) => (
          <RingingTile
            key={invite.id}
            name={invite.displayName}
            username={invite.username}
            action={
              <IconButton
                size="sm"
                variant="raised"
                label={t('call.cancelInvite', { name: invite.displayName })}
                icon={<X />}
                onPress={() => void controller.cancelInvite(invite.id)}
              />
            }
          />
        ))}
      </section>
    </div>
  )
}
