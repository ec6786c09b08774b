import type { ReactNode } from 'react'
import styles from './Badge.module.css'

export function Badge({ icon, children, ...props }: { icon?: ReactNode; children: ReactNode; 'data-testid'?: string }) {
  return (
    <span className={styles.badge} {...props}>
      {icon === undefined ? null : (
        <span className={styles.icon} aria-hidden="true">
          {icon}
        </span>
      )}
      {children}
    </span>
  )
}
