import { Monitor, Moon, Sun } from 'lucide-react'
import { useI18n } from '../../i18n/I18n.tsx'
import { locales } from '../../i18n/messages.ts'
import { MenuItem, MenuSection } from '../../ui/Menu.tsx'
import { usePhone } from '../PhoneContext.tsx'
import { useStore } from '../state/Store.ts'
import type { ThemePreference } from '../state/PreferencesStore.ts'

const themes = [
  { id: 'system', icon: <Monitor /> },
  { id: 'light', icon: <Sun /> },
  { id: 'dark', icon: <Moon /> },
] as const

const isTheme = (key: string): key is ThemePreference => themes.some((theme) => theme.id === key)

/** A locale's name in its own language. */
const nameOf = (locale: string): string => {
  const name = new Intl.DisplayNames([locale], { type: 'language' }).of(locale) ?? locale
  return name.charAt(0).toLocaleUpperCase(locale) + name.slice(1)
}

/** The parts of a menu that choose theme and language. */
export function AppearanceSections() {
  const { preferences } = usePhone()
  const { theme, language } = useStore(preferences)
  const { t } = useI18n()
  return (
    <>
      <MenuSection
        title={t('settings.theme')}
        selected={theme}
        onSelect={(key) => {
          if (isTheme(key)) preferences.update({ theme: key })
        }}
      >
        {themes.map(({ id, icon }) => (
          <MenuItem key={id} id={id} icon={icon} data-testid={`theme-${id}`}>
            {t(`settings.theme.${id}`)}
          </MenuItem>
        ))}
      </MenuSection>
      <MenuSection
        title={t('settings.language')}
        selected={`language-${language}`}
        onSelect={(key) => preferences.update({ language: key.replace(/^language-/u, '') })}
      >
        <MenuItem id="language-system">{t('settings.language.system')}</MenuItem>
        <>
          {locales.map((locale) => (
            <MenuItem key={locale} id={`language-${locale}`} data-testid={`language-${locale}`}>
              {nameOf(locale)}
            </MenuItem>
          ))}
        </>
      </MenuSection>
    </>
  )
}
