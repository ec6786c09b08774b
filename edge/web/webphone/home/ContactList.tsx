import type { ReactNode } from 'react'
import { GridList, GridListItem, GridListLoadMoreItem } from 'react-aria-components/GridList'
import type { Contact } from '#shared/sdk/index.ts'
import { useI18n } from '../../i18n/I18n.tsx'
import { Avatar } from '../../ui/Avatar.tsx'
import { Button } from '../../ui/Button.tsx'
import { Spinner } from '../../ui/Spinner.tsx'
import { localPart, shownName } from '../state/call-view.ts'
import type { ContactsState } from '../state/ContactsStore.ts'
import styles from './ContactList.module.css'

export interface ContactListProps {
  readonly label: string
  readonly contacts: ContactsState
  readonly actions: (contact: Contact) => ReactNode
  readonly onOpen?: (contact: Contact) => void
  readonly current?: string | null
  readonly onLoadMore: () => void
  readonly onRetry: () => void
}

/** People, one to a row, with what can be done with each. Arrow keys move between rows and within one. */
export function ContactList({ label, contacts, actions, onOpen, current = null, onLoadMore, onRetry }: ContactListProps) {
  const { t, errorText } = useI18n()
  const { items, status, query, nextCursor } = contacts

  if (status === 'failed' && items.length === 0) {
    return (
      <div className={styles.empty} role="alert">
        <p>{errorText(contacts.errorCode ?? 'unknown')}</p>
        <Button onPress={onRetry}>{t('common.tryAgain')}</Button>
      </div>
    )
  }
  if (status === 'loading' && items.length === 0 && query === '') return <ContactSkeleton label={t('contacts.loading')} />

  return (
    <GridList
      aria-label={label}
      className={styles.list ?? ''}
      keyboardNavigationBehavior="arrow"
      dependencies={[actions, current]}
      renderEmptyState={() => <p className={styles.empty}>{query === '' ? t('contacts.none') : t('contacts.noMatch', { query })}</p>}
    >
      {items.map((contact) => {
        const name = shownName(contact)
        return (
          <GridListItem
            key={contact.userId}
            id={contact.userId}
            textValue={name}
            className={styles.row ?? ''}
            data-testid={`contact-${localPart(contact.username)}`}
            data-username={contact.username}
            data-current={contact.username === current}
            {...(onOpen === undefined ? {} : { onAction: () => onOpen(contact) })}
          >
            <Avatar name={name} identity={contact.username} />
            <span className={styles.names}>
              <span className={styles.name}>{name}</span>
              <span className={styles.username}>{contact.username}</span>
            </span>
            <span className={styles.actions}>{actions(contact)}</span>
          </GridListItem>
        )
      })}
      <GridListLoadMoreItem isLoading={status === 'loading' && nextCursor !== null} onLoadMore={onLoadMore} className={styles.more ?? ''}>
        <Spinner />
      </GridListLoadMoreItem>
    </GridList>
  )
}

function ContactSkeleton({ label }: { label: string }) {
  return (
    <output className={styles.list} aria-label={label}>
      {[62, 48, 70, 55, 44].map((width) => (
        <div key={width} className={styles.row}>
          <span className={styles.ghostAvatar} />
          <span className={styles.names}>
            <span className={styles.ghostLine} style={{ inlineSize: `${String(width)}%` }} />
            <span className={styles.ghostLine} style={{ inlineSize: `${String(width - 18)}%` }} />
          </span>
        </div>
      ))}
    </output>
  )
}
