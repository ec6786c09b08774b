import en from '../locales/en.json'

/** English is complete and the source of the keys; other locales are held to the same ones by a test. */
export type MessageKey = keyof typeof en
export type Messages = Readonly<Record<MessageKey, string>>

export const sourceLocale = 'en'

const loaders = import.meta.glob<Messages>(['../locales/*.json', '!../locales/en.json'], { import: 'default' })

const localeOfPath = (path: string): string => path.replace(/^.*\//u, '').replace(/\.json$/u, '')

/** Every locale there is a file for. */
export const locales: readonly string[] = [sourceLocale, ...Object.keys(loaders).map(localeOfPath)].toSorted()

/** English at once; any other locale is loaded when it is wanted. */
export function loadMessages(locale: string): Promise<Messages> {
  const load = Object.entries(loaders).find(([path]) => localeOfPath(path) === locale)?.[1]
  return load === undefined ? Promise.resolve(en) : load()
}

export const sourceMessages: Messages = en

/** The first locale of ours that the user prefers: `es-MX` finds `es`. */
export function pickLocale(preferred: readonly string[]): string {
  for (const tag of preferred) {
    const language = tag.toLowerCase()
    const found = locales.find((locale) => language === locale || language.startsWith(`${locale}-`))
    if (found !== undefined) return found
  }
  return sourceLocale
}

const isMessageKey = (key: string): key is MessageKey => Object.hasOwn(en, key)

/** The sentence for an error code; a code that this version does not know gets a general one. */
export function errorMessage(code: string): MessageKey {
  const key = `error.${code}`
  return isMessageKey(key) ? key : 'error.unknown'
}
