import { UserRoundPlus } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { useI18n } from '../../i18n/I18n.tsx'
import { Badge } from '../../ui/Badge.tsx'
import { Dialog } from '../../ui/Dialog.tsx'
import { IconButton } from '../../ui/IconButton.tsx'
import { SearchField } from '../../ui/SearchField.tsx'
import { ContactList } from '../home/ContactList.tsx'
import { DialRow } from '../home/DialRow.tsx'
import { usePhone } from '../PhoneContext.tsx'
import type { CallController } from '../state/CallController.ts'
import { type CallView, playing, shownName } from '../state/call-view.ts'
import { useStore } from '../state/Store.ts'
import styles from './AddPeopleDialog.module.css'

/** Rings somebody more, which makes a conference of a call. */
export function AddPeopleDialog({
  isOpen,
  view,
  controller,
  onClose,
}: {
  isOpen: boolean
  view: CallView
  controller: CallController
  onClose: () => void
}) {
  const { t } = useI18n()
  return (
    <Dialog title={t('controls.add')} closeLabel={t('common.close')} isOpen={isOpen} onClose={onClose} data-testid="add-people">
      <Candidates view={view} controller={controller} onClose={onClose} />
    </Dialog>
  )
}

function Candidates({ view, controller, onClose }: { view: CallView; controller: CallController; onClose: () => void }) {
  const phone = usePhone()
  const contacts = useStore(phone.contacts)
  const { t } = useI18n()
  const searchRef = useRef<HTMLInputElement>(null)
  useEffect(() => {
    searchRef.current?.focus()
    void phone.contacts.search('')
    // Elsewhere the list is whole again.
    return () => void phone.contacts.search('')
  }, [phone])

  const here = new Set([...view.others, view.me].map((person) => person.username))
  const rung = new Set(view.invites.map((invite) => invite.username))
  const invite = async (to: string) => {
    const ringing = await controller.invite(to, { video: playing(view.me, 'camera') !== undefined })
    if (ringing) onClose()
  }
  const actionFor = (to: string, name: string) => {
    if (here.has(to)) return <Badge>{t('people.here')}</Badge>
    if (rung.has(to)) return <Badge>{t('people.ringing')}</Badge>
    return (
      <IconButton
        variant="soft"
        label={t('contacts.addToCall', { name })}
        icon={<UserRoundPlus />}
        onPress={() => void invite(to)}
        data-testid="add-to-call"
      />
    )
  }
  const typed = contacts.query.trim()

  return (
    <div className={styles.content}>
      <SearchField
        label={t('contacts.search')}
        placeholder={t('contacts.searchPlaceholder')}
        clearLabel={t('common.clear')}
        value={contacts.query}
        onChange={(query) => void phone.contacts.search(query)}
        onSubmit={() => {
          if (typed !== '') void invite(contacts.items.length === 1 ? (contacts.items[0]?.username ?? typed) : typed)
        }}
        inputRef={searchRef}
        data-testid="add-search"
      />
      <div className={styles.scroll}>
        {typed === '' || contacts.items.some((contact) => contact.username === typed) ? null : (
          <DialRow to={typed} actions={actionFor(typed, typed)} />
        )}
        <ContactList
          label={t('contacts.title')}
          contacts={contacts}
          actions={(contact) => actionFor(contact.username, shownName(contact))}
          onLoadMore={() => void phone.contacts.loadMore()}
          onRetry={() => void phone.contacts.reload()}
        />
      </div>
    </div>
  )
}
