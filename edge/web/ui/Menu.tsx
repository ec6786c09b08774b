import { Check } from 'lucide-react'
import type { ReactElement, ReactNode } from 'react'
import { Header } from 'react-aria-components/Header'
import {
  Menu as AriaMenu,
  MenuItem as AriaMenuItem,
  type MenuItemProps as AriaMenuItemProps,
  MenuSection as AriaMenuSection,
  MenuTrigger,
  type MenuProps as AriaMenuProps,
} from 'react-aria-components/Menu'
import { Popover, type PopoverProps } from 'react-aria-components/Popover'
import { classNames } from './class-names.ts'
import styles from './Menu.module.css'

export interface MenuProps extends Omit<AriaMenuProps<object>, 'className' | 'style' | 'children'> {
  /** The button that opens it. */
  readonly trigger: ReactElement
  readonly placement?: PopoverProps['placement']
  /** Stands above the items, outside of what can be chosen. */
  readonly heading?: ReactNode
  readonly children: ReactNode
}

export function Menu({ trigger, placement = 'bottom end', heading, children, ...props }: MenuProps) {
  return (
    <MenuTrigger>
      {trigger}
      <Popover placement={placement} offset={6} className={styles.popover ?? ''}>
        {heading === undefined ? null : <div className={styles.heading}>{heading}</div>}
        <AriaMenu {...props} className={styles.menu ?? ''}>
          {children}
        </AriaMenu>
      </Popover>
    </MenuTrigger>
  )
}

export interface MenuItemProps extends Omit<AriaMenuItemProps, 'className' | 'style' | 'children'> {
  readonly icon?: ReactNode
  readonly tone?: 'plain' | 'danger'
  readonly detail?: ReactNode
  readonly children: string
  readonly 'data-testid'?: string
}

export function MenuItem({ icon, tone = 'plain', detail, children, ...props }: MenuItemProps) {
  return (
    <AriaMenuItem {...props} textValue={children} className={classNames(styles.item, styles[tone])}>
      {({ selectionMode, isSelected }) => (
        <>
          {selectionMode === 'none' ? null : <span className={styles.check}>{isSelected ? <Check aria-hidden="true" /> : null}</span>}
          {icon === undefined ? null : (
            <span className={styles.icon} aria-hidden="true">
              {icon}
            </span>
          )}
          <span className={styles.label}>{children}</span>
          {detail === undefined ? null : <span className={styles.detail}>{detail}</span>}
        </>
      )}
    </AriaMenuItem>
  )
}

export interface MenuSectionProps {
  readonly title: string
  /** With it the section's items are a choice of one. */
  readonly selected?: string
  readonly onSelect?: (key: string) => void
  readonly children: ReactNode
}

export function MenuSection({ title, selected, onSelect, children }: MenuSectionProps) {
  const selection =
    selected === undefined
      ? {}
      : {
          selectionMode: 'single' as const,
          selectedKeys: [selected],
          disallowEmptySelection: true,
          onSelectionChange: (keys: 'all' | Set<string | number>) => {
            const [key] = keys === 'all' ? [] : [...keys]
            if (key !== undefined) onSelect?.(String(key))
          },
        }
  return (
    <AriaMenuSection {...selection} className={styles.section ?? ''}>
      <Header className={styles.sectionTitle ?? ''}>{title}</Header>
      {children}
    </AriaMenuSection>
  )
}
