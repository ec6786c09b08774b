import { Phone as PhoneIcon, UserRoundPlus, Video } from 'lucide-react'
import { type KeyboardEvent, type RefObject, useEffect, useRef } from 'react'
import { brand } from '../../brand.ts'
import { useI18n } from '../../i18n/I18n.tsx'
import { BrandMark } from '../../ui/BrandMark.tsx'
import { IconButton } from '../../ui/IconButton.tsx'
import { SearchField } from '../../ui/SearchField.tsx'
import { keys } from '../keys.ts'
import { usePhone } from '../PhoneContext.tsx'
import { AccountMenu } from '../settings/AccountMenu.tsx'
import { shownName } from '../state/call-view.ts'
import { matches } from '../state/ContactsStore.ts'
import { useStore } from '../state/Store.ts'
import { ContactList } from './ContactList.tsx'
import { DialRow } from './DialRow.tsx'
import styles from './Sidebar.module.css'

/** Whom one can call: the people of the domain, and any name that is typed. */
export function Sidebar({ searchRef, onShortcuts }: { searchRef: RefObject<HTMLInputElement | null>; onShortcuts: () => void }) {
  const phone = usePhone()
  const contacts = useStore(phone.contacts)
  const route = useStore(phone.route)
  const { phase } = useStore(phone.calls)
  const { t } = useI18n()
  const listRef = useRef<HTMLDivElement>(null)
  const inCall = phase.kind === 'call' ? phase.controller : null
  const canDial = phase.kind !== 'starting'

  useEffect(() => {
    void phone.contacts.search('')
  }, [phone])

  const call = (to: string, video: boolean) => {
    if (inCall === null) void phone.calls.dial(to, { video })
    else void inCall.invite(to, { video })
  }
  const typed = contacts.query.trim()
  const first = contacts.items.find((contact) => matches(contact, typed))

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'ArrowDown') return
    const row = listRef.current?.querySelector<HTMLElement>('[role="row"], button')
    if (row === null || row === undefined) return
    event.preventDefault()
    row.focus()
  }

  const actions = (to: string, name: string) =>
    inCall === null ? (
      <>
        <IconButton
          label={t('contacts.call', { name })}
          icon={<PhoneIcon />}
          isDisabled={!canDial}
          onPress={() => call(to, false)}
          data-testid="call-audio"
        />
        <IconButton
          label={t('contacts.videoCall', { name })}
          icon={<Video />}
          isDisabled={!canDial}
          onPress={() => call(to, true)}
          data-testid="call-video"
        />
      </>
    ) : (
      <IconButton
        label={t('contacts.addToCall', { name })}
        icon={<UserRoundPlus />}
        onPress={() => call(to, false)}
        data-testid="add-to-call"
      />
    )

  return (
    <section className={styles.sidebar} aria-label={t('contacts.title')}>
      <header className={styles.top}>
        <span className={styles.brand}>
          <BrandMark size={28} />
          {brand.name}
        </span>
        <AccountMenu onShortcuts={onShortcuts} />
      </header>
      <div className={styles.search}>
        <SearchField
          label={t('contacts.search')}
          placeholder={t('contacts.searchPlaceholder')}
          clearLabel={t('common.clear')}
          value={contacts.query}
          onChange={(query) => void phone.contacts.search(query)}
          onKeyDown={onKeyDown}
          onSubmit={() => {
            if (typed === '' || !canDial) return
            // Enter goes to the best match; an address with a domain is dialled as it stands.
            call(first === undefined || typed.includes('@') ? typed : first.username, false)
          }}
          inputRef={searchRef}
          shortcut={keys.search.shown}
          data-testid="search"
        />
      </div>
      <div className={styles.people} ref={listRef}>
        {typed === '' || contacts.items.some((contact) => contact.username === typed) ? null : (
          <DialRow to={typed} actions={actions(typed, typed)} />
        )}
        <ContactList
          label={t('contacts.title')}
          contacts={contacts}
          current={route.view === 'contact' ? route.username : null}
          actions={(contact) => actions(contact.username, shownName(contact))}
          onOpen={(contact) => {
            phone.calls.dismissSummary()
            phone.route.go({ view: 'contact', username: contact.username })
          }}
          onLoadMore={() => void phone.contacts.loadMore()}
          onRetry={() => void phone.contacts.reload()}
        />
      </div>
    </section>
  )
}
