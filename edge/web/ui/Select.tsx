import { Check, ChevronDown } from 'lucide-react'
import type { ReactNode } from 'react'
import { Button } from 'react-aria-components/Button'
import { Label } from 'react-aria-components/Label'
import { ListBox, ListBoxItem } from 'react-aria-components/ListBox'
import { Popover } from 'react-aria-components/Popover'
import { Select as AriaSelect, SelectValue } from 'react-aria-components/Select'
import styles from './Select.module.css'

export interface SelectOption {
  readonly id: string
  readonly label: string
}

export interface SelectProps {
  readonly label: string
  readonly icon?: ReactNode
  readonly options: readonly SelectOption[]
  readonly value: string | null
  readonly onChange: (id: string) => void
  readonly placeholder: string
  readonly isDisabled?: boolean
  readonly 'data-testid'?: string
}

/** A choice of one from a list that opens. */
export function Select({ label, icon, options, value, onChange, placeholder, isDisabled = false, ...props }: SelectProps) {
  return (
    <AriaSelect
      className={styles.select ?? ''}
      placeholder={placeholder}
      isDisabled={isDisabled}
      value={value}
      onChange={(key) => {
        if (key !== null) onChange(String(key))
      }}
      {...props}
    >
      <Label className={styles.label ?? ''}>{label}</Label>
      <Button className={styles.button ?? ''}>
        {icon === undefined ? null : (
          <span className={styles.icon} aria-hidden="true">
            {icon}
          </span>
        )}
        <SelectValue className={styles.value ?? ''} />
        <ChevronDown aria-hidden="true" className={styles.chevron} />
      </Button>
      <Popover className={styles.popover ?? ''} offset={4}>
        <ListBox items={options} className={styles.list ?? ''}>
          {(option) => (
            <ListBoxItem id={option.id} textValue={option.label} className={styles.option ?? ''}>
              {({ isSelected }) => (
                <>
                  <span className={styles.optionLabel}>{option.label}</span>
                  {isSelected ? <Check aria-hidden="true" /> : null}
                </>
              )}
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </AriaSelect>
  )
}
