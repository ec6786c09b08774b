import { useEffect } from 'react'
import type { ThemePreference } from '../state/PreferencesStore.ts'

/** Shows the chosen theme; without a choice, the system's. */
export function useTheme(theme: ThemePreference): void {
  useEffect(() => {
    if (theme === 'system') delete document.documentElement.dataset['theme']
    else document.documentElement.dataset['theme'] = theme
  }, [theme])
}
