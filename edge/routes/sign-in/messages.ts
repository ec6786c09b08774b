import en from './locales/en.json' with { type: 'json' }
import es from './locales/es.json' with { type: 'json' }

/** The words of the provider's pages. English is the source of the keys. */
export type MessageKey = keyof typeof en

const messages: Readonly<Record<string, Readonly<Record<MessageKey, string>>>> = { en, es }

export const locales = Object.keys(messages)

export interface Words {
  readonly locale: string
  readonly t: (key: MessageKey, values?: Readonly<Record<string, string | number>>) => string
}

/**
 * In the first language that is wanted and there is.
 * @param wanted The client's `ui_locales`, by spaces (OpenID Connect Core §3.1.2.1), before the browser's `Accept-Language` (RFC 9110 §12.5.4).
 */
export function wordsFor(wanted: { uiLocales: string | null | undefined; acceptLanguage: string | undefined }): Words {
  const tags = [...(wanted.uiLocales ?? '').split(' '), ...byPreference(wanted.acceptLanguage ?? '')]
  const locale = tags.map((tag) => tag.toLowerCase().split('-')[0] ?? '').find((language) => locales.includes(language)) ?? 'en'
  const own = messages[locale] ?? en
  const t: Words['t'] = (key, values = {}) => own[key].replaceAll(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ''))
  return { locale, t }
}

function byPreference(header: string): string[] {
  const weighted = header
    .slice(0, 1024)
    .split(',')
    .map((part) => {
      const [tag = '', ...parameters] = part.split(';').map((text) => text.trim())
      const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2)
      return { tag, weight: weight === undefined ? 1 : Number(weight) }
    })
  return weighted
    .filter(({ weight }) => weight > 0)
    .toSorted((a, b) => b.weight - a.weight)
    .map(({ tag }) => tag)
}
