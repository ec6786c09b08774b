import type { ReactNode } from 'react'
import styles from './Banner.module.css'
import { classNames } from './class-names.ts'

export interface BannerProps {
  readonly tone: 'info' | 'warning' | 'danger'
  readonly icon?: ReactNode
  readonly action?: ReactNode
  readonly children: ReactNode
  readonly shape?: 'bar' | 'card'
  readonly 'data-testid'?: string
}

/** A lasting condition that the user should know about. Its text is read out when it appears. */
export function Banner({ tone, icon, action, children, shape = 'card', ...props }: BannerProps) {
  return (
    <output className={classNames(styles.banner, styles[tone], styles[shape])} {...props}>
      {icon === undefined ? null : (
        <span className={styles.icon} aria-hidden="true">
          {icon}
        </span>
      )}
      <span className={styles.text}>{children}</span>
      {action}
    </output>
  )
}
