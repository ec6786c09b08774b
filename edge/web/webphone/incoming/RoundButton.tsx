import type { ReactNode } from 'react'
import { Button, type ButtonProps } from 'react-aria-components/Button'
import { classNames } from '../../ui/class-names.ts'
import { Spinner } from '../../ui/Spinner.tsx'
import styles from './RoundButton.module.css'

export interface RoundButtonProps extends Omit<ButtonProps, 'className' | 'style' | 'children' | 'aria-label'> {
  readonly label: string
  readonly caption: string
  readonly icon: ReactNode
  readonly tone: 'accept' | 'decline'
  readonly 'data-testid'?: string
}

/** A large round button with its word below, as on a telephone. */
export function RoundButton({ label, caption, icon, tone, ...props }: RoundButtonProps) {
  return (
    <Button {...props} aria-label={label} className={styles.button ?? ''}>
      {({ isPending }) => (
        <>
          <span className={classNames(styles.disc, styles[tone])} aria-hidden="true">
            {isPending ? <Spinner size={26} /> : icon}
          </span>
          <span className={styles.caption} aria-hidden="true">
            {caption}
          </span>
        </>
      )}
    </Button>
  )
}
