import { formatDuration, isoDuration } from './format-duration.ts'
import styles from './Duration.module.css'

/** A length of time as a clock shows it. */
export function Duration({ milliseconds }: { milliseconds: number }) {
  return (
    <time className={styles.duration} dateTime={isoDuration(milliseconds)}>
      {formatDuration(milliseconds)}
    </time>
  )
}
