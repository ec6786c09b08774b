import type { CSSProperties } from 'react'
import { hueOf, initialsOf } from './avatar-look.ts'
import styles from './Avatar.module.css'
import { classNames } from './class-names.ts'

export interface AvatarProps {
  readonly name: string
  /** What the colour follows; the name when absent. */
  readonly identity?: string
  readonly size?: 'sm' | 'md' | 'lg' | 'xl' | 'fluid'
  /** Rings go out from it, for someone who is calling or being called. */
  readonly ringing?: boolean
}

/** A person's initials on their own colour. Decoration: the name stands beside it, and the letters are no text of the page. */
export function Avatar({ name, identity, size = 'md', ringing = false }: AvatarProps) {
  const style: CSSProperties & Record<'--avatar-hue', number> = { '--avatar-hue': hueOf(identity ?? name) }
  return (
    <span className={classNames(styles.avatar, styles[size], ringing && styles.ringing)} style={style} aria-hidden="true">
      <span className={styles.initials} data-initials={initialsOf(name)} />
    </span>
  )
}
