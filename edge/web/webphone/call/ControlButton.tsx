import type { ReactNode } from 'react'
import { Button, type ButtonProps } from 'react-aria-components/Button'
import { classNames } from '../../ui/class-names.ts'
import { WithTooltip } from '../../ui/Tooltip.tsx'
import styles from './ControlButton.module.css'

export interface ControlButtonProps extends Omit<ButtonProps, 'className' | 'children' | 'style' | 'aria-label'> {
  /** What a press does: the accessible name and the tooltip. */
  readonly label: string
  /** One word under the icon, where there is room. */
  readonly caption: string
  readonly icon: ReactNode
  readonly shortcut?: { readonly chord: string; readonly shown: string }
  /** `off`: others do without something they expect, a voice. `idle`: not in use. `active`: something that is going on. */
  readonly look?: 'plain' | 'off' | 'idle' | 'active' | 'hangUp'
  readonly badge?: number
  readonly 'data-testid'?: string
}

/** One of the large buttons of a call. */
export function ControlButton({ label, caption, icon, shortcut, look = 'plain', badge, ...props }: ControlButtonProps) {
  return (
    <WithTooltip label={label} {...(shortcut === undefined ? {} : { shortcut: shortcut.shown })}>
      <Button
        {...props}
        aria-label={label}
        {...(shortcut === undefined ? {} : { 'aria-keyshortcuts': shortcut.shown })}
        className={classNames(styles.control, styles[look])}
        data-look={look}
      >
        <span className={styles.icon} aria-hidden="true">
          {icon}
        </span>
        <span className={styles.caption} aria-hidden="true">
          {caption}
        </span>
        {badge === undefined ? null : <span className={styles.badge} data-count={badge} aria-hidden="true" />}
      </Button>
    </WithTooltip>
  )
}
