import { useEffect, useRef } from 'react'
import { classNames } from '../../ui/class-names.ts'
import styles from './VideoView.module.css'

/** A track's picture. Its sound, if it had any, would be heard elsewhere. */
export function VideoView({
  media,
  mirrored = false,
  fit = 'cover',
}: {
  media: MediaStreamTrack
  mirrored?: boolean
  fit?: 'cover' | 'contain'
}) {
  const ref = useRef<HTMLVideoElement>(null)
  useEffect(() => {
    const video = ref.current
    if (video === null) return undefined
    video.srcObject = new MediaStream([media])
    // A muted video may always play; where the element went away meanwhile there is nothing to play.
    video.play().catch(() => {})
    return () => {
      video.srcObject = null
    }
  }, [media])
  return (
    <video
      ref={ref}
      className={classNames(styles.video, styles[fit], mirrored && styles.mirrored)}
      autoPlay
      playsInline
      muted
      tabIndex={-1}
      aria-hidden="true"
    />
  )
}
