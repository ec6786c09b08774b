import { Eye, EyeOff } from 'lucide-react'
import { type ReactNode, type Ref, useState } from 'react'
import { Group } from 'react-aria-components/Group'
import { Input } from 'react-aria-components/Input'
import { FieldError } from 'react-aria-components/FieldError'
import { Label } from 'react-aria-components/Label'
import { Text } from 'react-aria-components/Text'
import { TextField as AriaTextField, type TextFieldProps as AriaTextFieldProps } from 'react-aria-components/TextField'
import { ToggleButton } from 'react-aria-components/ToggleButton'
import styles from './TextField.module.css'

export interface TextFieldProps extends Omit<AriaTextFieldProps, 'className' | 'children' | 'style'> {
  readonly label: string
  readonly description?: string
  readonly errorMessage?: string | undefined
  readonly placeholder?: string
  /** For passwords: the name of the button that shows what is typed. */
  readonly revealLabel?: string
  readonly autoCapitalize?: 'none' | 'sentences'
  readonly inputRef?: Ref<HTMLInputElement>
  readonly 'data-testid'?: string
}

/** A labelled line of text. */
export function TextField({
  label,
  description,
  errorMessage,
  placeholder,
  revealLabel,
  autoCapitalize,
  inputRef,
  ...props
}: TextFieldProps) {
  const { 'data-testid': testId, ...rest } = props
  const [revealed, setRevealed] = useState(false)
  let reveal: ReactNode = null
  if (revealLabel !== undefined) {
    reveal = (
      <ToggleButton aria-label={revealLabel} isSelected={revealed} onChange={setRevealed} className={styles.reveal ?? ''}>
        {revealed ? <EyeOff /> : <Eye />}
      </ToggleButton>
    )
  }
  return (
    <AriaTextField validationBehavior="aria" {...rest} type={revealed ? 'text' : (props.type ?? 'text')} className={styles.field ?? ''}>
      <Label className={styles.label ?? ''}>{label}</Label>
      <Group className={styles.group ?? ''}>
        <Input
          className={styles.input ?? ''}
          {...(inputRef === undefined ? {} : { ref: inputRef })}
          {...(autoCapitalize === undefined ? {} : { autoCapitalize })}
          {...(placeholder === undefined ? {} : { placeholder })}
          {...(testId === undefined ? {} : { 'data-testid': testId })}
        />
        {reveal}
      </Group>
      {description === undefined ? null : (
        <Text slot="description" className={styles.description ?? ''}>
          {description}
        </Text>
      )}
      <FieldError className={styles.error ?? ''}>{errorMessage}</FieldError>
    </AriaTextField>
  )
}
