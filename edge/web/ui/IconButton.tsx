import type { ReactNode } from 'react'
import { Button as AriaButton, type ButtonProps as AriaButtonProps } from 'react-aria-components/Button'
import { classNames } from './class-names.ts'
import styles from './IconButton.module.css'
import { WithTooltip } from './Tooltip.tsx'

export interface IconButtonProps extends Omit<AriaButtonProps, 'className' | 'children' | 'style' | 'aria-label'> {
  /** What the button does: its accessible name and its tooltip. */
  readonly label: string
  readonly icon: ReactNode
  readonly variant?: 'quiet' | 'soft' | 'raised'
  readonly size?: 'sm' | 'md'
  /** The key that does the same, shown in the tooltip. */
  readonly shortcut?: string
  readonly 'data-testid'?: string
}

/** A button that is an icon, with its name in a tooltip. */
export function IconButton({ label, icon, variant = 'quiet', size = 'md', shortcut, ...props }: IconButtonProps) {
  return (
    <WithTooltip label={label} {...(shortcut === undefined ? {} : { shortcut })}>
      <AriaButton {...props} aria-label={label} className={classNames(styles.button, styles[variant], styles[size])}>
        {icon}
      </AriaButton>
    </WithTooltip>
  )
}
