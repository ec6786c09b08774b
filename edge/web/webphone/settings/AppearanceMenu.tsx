import { Languages } from 'lucide-react'
import { useI18n } from '../../i18n/I18n.tsx'
import { IconButton } from '../../ui/IconButton.tsx'
import { Menu } from '../../ui/Menu.tsx'
import { AppearanceSections } from './AppearanceSections.tsx'

/** Theme and language, for a page on which nobody is signed in. */
export function AppearanceMenu() {
  const { t } = useI18n()
  return (
    <Menu
      aria-label={t('settings.appearance')}
      trigger={<IconButton label={t('settings.appearance')} icon={<Languages />} data-testid="appearance-menu" />}
    >
      <AppearanceSections />
    </Menu>
  )
}
