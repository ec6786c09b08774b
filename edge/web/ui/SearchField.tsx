import { Search, X } from 'lucide-react'
import type { KeyboardEventHandler, Ref } from 'react'
import { Button } from 'react-aria-components/Button'
import { Group } from 'react-aria-components/Group'
import { Input } from 'react-aria-components/Input'
import { SearchField as AriaSearchField } from 'react-aria-components/SearchField'
import { Kbd } from './Kbd.tsx'
import styles from './SearchField.module.css'

export interface SearchFieldProps {
  readonly label: string
  readonly placeholder: string
  readonly clearLabel: string
  /** The key that comes here from elsewhere, shown while the field is empty. */
  readonly shortcut?: string
  readonly value: string
  readonly onChange: (value: string) => void
  readonly onKeyDown?: KeyboardEventHandler
  readonly onSubmit?: (value: string) => void
  readonly inputRef?: Ref<HTMLInputElement>
  readonly 'data-testid'?: string
}

export function SearchField({ label, placeholder, clearLabel, shortcut, inputRef, onKeyDown, onSubmit, ...props }: SearchFieldProps) {
  const { 'data-testid': testId, ...rest } = props
  return (
    <AriaSearchField {...rest} {...(onSubmit === undefined ? {} : { onSubmit })} aria-label={label} className={styles.field ?? ''}>
      <Group className={styles.group ?? ''}>
        <Search aria-hidden="true" className={styles.icon} />
        <Input
          className={styles.input ?? ''}
          placeholder={placeholder}
          autoCapitalize="none"
          autoCorrect="off"
          spellCheck={false}
          enterKeyHint="search"
          {...(shortcut === undefined ? {} : { 'aria-keyshortcuts': shortcut })}
          {...(onKeyDown === undefined ? {} : { onKeyDown })}
          {...(inputRef === undefined ? {} : { ref: inputRef })}
          {...(testId === undefined ? {} : { 'data-testid': testId })}
        />
        {shortcut === undefined ? null : (
          <span className={styles.shortcut} aria-hidden="true">
            <Kbd>{shortcut}</Kbd>
          </span>
        )}
        <Button aria-label={clearLabel} className={styles.clear ?? ''}>
          <X />
        </Button>
      </Group>
    </AriaSearchField>
  )
}
