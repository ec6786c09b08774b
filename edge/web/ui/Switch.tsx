import { Switch as AriaSwitch } from 'react-aria-components/Switch'
import styles from './Switch.module.css'

export interface SwitchProps {
  readonly label: string
  readonly description?: string
  readonly isSelected: boolean
  readonly onChange: (selected: boolean) => void
  readonly 'data-testid'?: string
}

export function Switch({ label, description, isSelected, onChange, ...props }: SwitchProps) {
  return (
    <AriaSwitch isSelected={isSelected} onChange={onChange} className={styles.switch ?? ''} {...props}>
      <span className={styles.text}>
        <span className={styles.label}>{label}</span>
        {description === undefined ? null : <span className={styles.description}>{description}</span>}
      </span>
      <span className={styles.track} aria-hidden="true">
        <span className={styles.thumb} />
      </span>
    </AriaSwitch>
  )
}
