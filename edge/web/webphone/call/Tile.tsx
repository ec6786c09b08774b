import { MicOff, Pin } from 'lucide-react'
import { type CSSProperties, type ReactNode, useEffect } from 'react'
import type { Source } from '#shared/sdk/index.ts'
import { useI18n } from '../../i18n/I18n.tsx'
import { Avatar } from '../../ui/Avatar.tsx'
import { hueOf } from '../../ui/avatar-look.ts'
import { classNames } from '../../ui/class-names.ts'
import { Spinner } from '../../ui/Spinner.tsx'
import { isMuted, type ParticipantView, playing } from '../state/call-view.ts'
import { useCallController } from './CallControllerContext.tsx'
import styles from './Tile.module.css'
import { useSize } from './useSize.ts'
import { VideoView } from './VideoView.tsx'

export interface TileProps {
  readonly participant: ParticipantView
  /** `floating` is the small picture of oneself over the others. */
  readonly shape?: 'tile' | 'floating' | 'strip'
  readonly style?: CSSProperties
}

/** One party: their picture or initials, their name, whether they are heard. */
export function Tile({ participant, shape = 'tile', style }: TileProps) {
  const { t } = useI18n()
  const camera = playing(participant, 'camera')
  const ref = usePictureSize(participant, 'camera')
  const muted = isMuted(participant)
  const name = participant.isMe ? t('call.you') : participant.displayName
  const facts = [
    name,
    muted ? t('tile.muted') : null,
    participant.speaking && !muted ? t('tile.speaking') : null,
    participant.connected ? null : t('tile.reconnecting'),
  ]
  const hue: CSSProperties & Record<'--tile-hue', number> = { '--tile-hue': hueOf(participant.username), ...style }
  return (
    <figure
      ref={ref}
      aria-label={facts.filter((fact) => fact !== null).join(', ')}
      className={classNames(styles.tile, styles[shape])}
      style={hue}
      data-testid={`tile-${participant.id}`}
      data-username={participant.username}
      data-me={participant.isMe}
      data-speaking={participant.speaking && !muted}
      data-muted={muted}
      data-camera={camera !== undefined}
      data-connected={participant.connected}
    >
      {camera?.media ? (
        <VideoView media={camera.media} mirrored={participant.isMe} />
      ) : (
        <Avatar name={participant.displayName} identity={participant.username} size="fluid" />
      )}
      {participant.connected ? null : (
        <div className={styles.lost}>
          <Spinner size={26} />
          <span>{t('tile.reconnecting')}</span>
        </div>
      )}
      <NamePlate name={name} muted={muted} />
    </figure>
  )
}

function NamePlate({ name, muted }: { name: string; muted: boolean }) {
  return (
    <span className={styles.plate} aria-hidden="true">
      {muted ? <MicOff className={styles.mutedIcon} /> : null}
      <span className={styles.name}>{name}</span>
    </span>
  )
}

/** Measures where a party's picture is shown, so that no more of it is sent than that. */
function usePictureSize({ id, isMe }: ParticipantView, source: Source) {
  const controller = useCallController()
  const { ref, size } = useSize()
  const height = Math.round(size.height * window.devicePixelRatio)
  useEffect(() => {
    if (!isMe && height > 0) controller.showPicture(id, source, height)
  }, [controller, id, isMe, source, height])
  return ref
}

/** Somebody who is being rung, at the place they will have. */
export function RingingTile({
  name,
  username,
  action,
  style,
}: {
  name: string
  username: string
  action: ReactNode
  style?: CSSProperties
}) {
  const { t } = useI18n()
  const hue: CSSProperties & Record<'--tile-hue', number> = { '--tile-hue': hueOf(username), ...style }
  return (
    <figure
      aria-label={t('tile.ringing', { name })}
      className={classNames(styles.tile, styles.ringing)}
      style={hue}
      data-testid="ringing-tile"
      data-username={username}
    >
      <Avatar name={name} identity={username} size="fluid" ringing />
      <span className={styles.plate}>
        <span className={styles.name}>{t('tile.ringing', { name })}</span>
      </span>
      <span className={styles.corner}>{action}</span>
    </figure>
  )
}

/** What somebody shows of their screen, whole. */
export function ScreenTile({ participant }: { participant: ParticipantView }) {
  const { t } = useI18n()
  const screen = playing(participant, 'screen')
  const text = participant.isMe ? t('screen.mine') : t('screen.of', { name: participant.displayName })
  return (
    <figure
      aria-label={text}
      className={classNames(styles.tile, styles.screen)}
      data-testid={`screen-${participant.id}`}
      data-username={participant.username}
    >
      {screen?.media ? <VideoView media={screen.media} fit="contain" /> : <Spinner size={28} />}
      <span className={styles.plate} aria-hidden="true">
        <Pin className={styles.pin} />
        <span className={styles.name}>{text}</span>
      </span>
    </figure>
  )
}
