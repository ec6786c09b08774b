import { Bell, BellOff, Keyboard, LogOut } from 'lucide-react'
import { Button } from 'react-aria-components/Button'
import { useI18n } from '../../i18n/I18n.tsx'
import { Avatar } from '../../ui/Avatar.tsx'
import { Menu, MenuItem, MenuSection } from '../../ui/Menu.tsx'
import { usePhone } from '../PhoneContext.tsx'
import { shownName } from '../state/call-view.ts'
import { useStore } from '../state/Store.ts'
import styles from './AccountMenu.module.css'
import { AppearanceSections } from './AppearanceSections.tsx'

export function AccountMenu({ onShortcuts }: { onShortcuts: () => void }) {
  const phone = usePhone()
  const session = useStore(phone.session)
  const { ringSound } = useStore(phone.preferences)
  const { t } = useI18n()
  if (session.status !== 'signedIn') return null
  const name = shownName(session.user)
  const online = session.connection === 'online'
  return (
    <Menu
      aria-label={t('account.menu', { name })}
      trigger={
        <Button className={styles.trigger ?? ''} aria-label={t('account.menu', { name })} data-testid="account-menu">
          <Avatar name={name} identity={session.user.username} size="sm" />
          <span className={styles.dot} data-online={online} />
        </Button>
      }
      heading={
        <div className={styles.who}>
          <Avatar name={name} identity={session.user.username} />
          <div className={styles.names}>
            <strong>{name}</strong>
            <span className={styles.username}>{session.user.username}</span>
          </div>
        </div>
      }
      onAction={(key) => {
        if (key === 'ring-sound') phone.preferences.update({ ringSound: !ringSound })
        if (key === 'shortcuts') onShortcuts()
        if (key === 'sign-out') void phone.session.signOut()
      }}
    >
      <AppearanceSections />
      <MenuSection title={t('account.more')}>
        <MenuItem id="ring-sound" icon={ringSound ? <Bell /> : <BellOff />} detail={t(ringSound ? 'common.on' : 'common.off')}>
          {t('settings.ringSound')}
        </MenuItem>
        <MenuItem id="shortcuts" icon={<Keyboard />} data-testid="open-shortcuts">
          {t('shortcuts.title')}
        </MenuItem>
        <MenuItem id="sign-out" icon={<LogOut />} tone="danger" data-testid="sign-out">
          {t('account.signOut')}
        </MenuItem>
      </MenuSection>
    </Menu>
  )
}
