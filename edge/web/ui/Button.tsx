import type { ReactNode } from 'react'
import { Button as AriaButton, type ButtonProps as AriaButtonProps } from 'react-aria-components/Button'
import styles from './Button.module.css'
import { classNames } from './class-names.ts'
import { Spinner } from './Spinner.tsx'

export type ButtonVariant = 'primary' | 'secondary' | 'quiet' | 'positive' | 'danger'

export interface ButtonProps extends Omit<AriaButtonProps, 'className' | 'children' | 'style'> {
  readonly variant?: ButtonVariant
  readonly size?: 'md' | 'lg'
  readonly icon?: ReactNode
  readonly fill?: boolean
  readonly children: ReactNode
  readonly 'data-testid'?: string
}

/** A button with a text label. While pending it keeps its width and its focus, and does nothing. */
export function Button({ variant = 'secondary', size = 'md', icon, fill = false, children, ...props }: ButtonProps) {
  return (
    <AriaButton {...props} className={classNames(styles.button, styles[variant], styles[size], fill && styles.fill)}>
      {({ isPending }) => (
        <>
          {isPending ? (
            <span className={styles.pending}>
              <Spinner />
            </span>
          ) : null}
          {icon === undefined ? null : (
            <span className={styles.icon} aria-hidden="true">
              {icon}
            </span>
          )}
          <span className={styles.label}>{children}</span>
        </>
      )}
    </AriaButton>
  )
}
