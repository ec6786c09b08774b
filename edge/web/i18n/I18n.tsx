import { IntlMessageFormat } from 'intl-messageformat'
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react'
import { I18nProvider as AriaI18nProvider } from 'react-aria-components/I18nProvider'
import { errorMessage, loadMessages, type MessageKey, type Messages, pickLocale, sourceLocale, sourceMessages } from './messages.ts'

export type MessageValues = Readonly<Record<string, string | number>>

export interface I18n {
  readonly locale: string
  /** The message in the user's language, with `{name}` places and plurals filled in (ICU MessageFormat). */
  readonly t: (key: MessageKey, values?: MessageValues) => string
  /** A sentence for any error code, known or not. */
  readonly errorText: (code: string) => string
}

const I18nContext = createContext<I18n | null>(null)

/** The words of the interface. `language` is a locale, or `system` for the browser's. */
export function I18nProvider({ language, children }: { language: string; children: ReactNode }) {
  const wanted = pickLocale(language === 'system' ? navigator.languages : [language])
  const [loaded, setLoaded] = useState<{ locale: string; messages: Messages }>({ locale: sourceLocale, messages: sourceMessages })

  useEffect(() => {
    let current = true
    const show = (locale: string, messages: Messages) => {
      if (current) setLoaded({ locale, messages })
    }
    loadMessages(wanted).then(
      (messages) => show(wanted, messages),
      () => show(sourceLocale, sourceMessages),
    )
    return () => {
      current = false
    }
  }, [wanted])

  useEffect(() => {
    document.documentElement.lang = loaded.locale
  }, [loaded.locale])

  const i18n = useMemo(() => createI18n(loaded.locale, loaded.messages), [loaded])
  return (
    <AriaI18nProvider locale={loaded.locale}>
      <I18nContext value={i18n}>{children}</I18nContext>
    </AriaI18nProvider>
  )
}

export function useI18n(): I18n {
  const i18n = useContext(I18nContext)
  if (i18n === null) throw new TypeError('useI18n needs an I18nProvider around it')
  return i18n
}

export function createI18n(locale: string, messages: Messages): I18n {
  const formats = new Map<MessageKey, IntlMessageFormat>()
  const t = (key: MessageKey, values: MessageValues = {}): string => {
    let format = formats.get(key)
    if (format === undefined) {
      format = new IntlMessageFormat(messages[key], locale, undefined, { ignoreTag: true })
      formats.set(key, format)
    }
    return String(format.format({ ...values }))
  }
  return {
    locale,
    t,
    errorText: (code) => t(errorMessage(code), { code }),
  }
}
