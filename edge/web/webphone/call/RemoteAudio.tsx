import { Volume2 } from 'lucide-react'
import { useCallback, useEffect, useRef, useState } from 'react'
import { useI18n } from '../../i18n/I18n.tsx'
import { Button } from '../../ui/Button.tsx'
import { usePhone } from '../PhoneContext.tsx'
import type { CallController } from '../state/CallController.ts'
import { useStore } from '../state/Store.ts'
import styles from './RemoteAudio.module.css'

/** Whether this browser lets a page choose where its sound goes. */
export const canChooseSpeaker = 'setSinkId' in HTMLMediaElement.prototype

/** The sound of everybody else, wherever in the webphone one is. */
export function RemoteAudio({ controller }: { controller: CallController }) {
  const phone = usePhone()
  const view = useStore(controller)
  const { speakerId } = useStore(phone.preferences)
  const { t } = useI18n()
  const [blocked, setBlocked] = useState(false)
  /** Rises with each press of the button, so that every element is made anew and tries again. */
  const [attempt, setAttempt] = useState(0)
  const onBlocked = useCallback(() => setBlocked(true), [])

  const tracks = view.others.flatMap((other) =>
    [other.tracks.microphone, other.tracks['screen-audio']].flatMap((track) =>
      track?.media ? [{ key: `${other.id}-${track.source}`, media: track.media }] : [],
    ),
  )
  return (
    <>
      {tracks.map(({ key, media }) => (
        <Sound key={`${key} ${String(attempt)}`} media={media} speakerId={speakerId} onBlocked={onBlocked} />
      ))}
      {blocked && tracks.length > 0 ? (
        <div className={styles.blocked} role="alert">
          <Button
            variant="primary"
            size="lg"
            icon={<Volume2 />}
            onPress={() => {
              setBlocked(false)
              setAttempt((count) => count + 1)
            }}
            data-testid="enable-sound"
          >
            {t('call.enableSound')}
          </Button>
        </div>
      ) : null}
    </>
  )
}

function Sound({ media, speakerId, onBlocked }: { media: MediaStreamTrack; speakerId: string | null; onBlocked: () => void }) {
  const ref = useRef<HTMLAudioElement>(null)

  useEffect(() => {
    const audio = ref.current
    if (audio === null) return undefined
    audio.srcObject = new MediaStream([media])
    // Browsers refuse sound on a page that nobody has touched yet, as after a reload.
    audio.play().catch((error: unknown) => {
      if (error instanceof DOMException && error.name === 'NotAllowedError') onBlocked()
    })
    return () => {
      audio.srcObject = null
    }
  }, [media, onBlocked])

  useEffect(() => {
    if (speakerId === null || !canChooseSpeaker) return
    // A speaker that was unplugged: the system's own is used.
    ref.current?.setSinkId(speakerId).catch(() => {})
  }, [speakerId])

  // oxlint-disable-next-line jsx-a11y/media-has-caption -- What people say at this moment has no captions.
  return <audio ref={ref} autoPlay />
}
