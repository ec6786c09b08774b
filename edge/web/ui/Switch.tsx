import { SwitchButton, SwitchField } from 'react-aria-components/Switch'
import { Text } from 'react-aria-components/Text'
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
    <SwitchField isSelected={isSelected} onChange={onChange} className={styles.field ?? ''} {...props}>
      <SwitchButton className={styles.switch ?? ''}>
        <span className={styles.label}>{label}</span>
        <span className={styles.track} aria-hidden="true">
          <span className={styles.thumb} />
        </span>
      </SwitchButton>
      {description === undefined ? null : (
        <Text slot="description" className={styles.description ?? ''}>
          {description}
        </Text>
      )}
    </SwitchField>
  )
}
