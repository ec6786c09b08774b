import type { ReactElement } from 'react'
import { Tooltip, TooltipTrigger } from 'react-aria-components/Tooltip'
import { Kbd } from './Kbd.tsx'
import styles from './Tooltip.module.css'

/** Names a control on hover and on keyboard focus, with the key that does the same. */
export function WithTooltip({ label, shortcut, children }: { label: string; shortcut?: string; children: ReactElement }) {
  return (
    <TooltipTrigger delay={350} closeDelay={60}>
      {children}
      <Tooltip offset={8} className={styles.tooltip ?? ''}>
        {label}
        {shortcut === undefined ? null : <Kbd tone="inverse">{shortcut}</Kbd>}
      </Tooltip>
    </TooltipTrigger>
  )
}
