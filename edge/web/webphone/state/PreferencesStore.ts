import { z } from 'zod'
import { Store } from './Store.ts'

/** Each field falls back by itself, so that one bad value does not cost the others. */
const preferencesSchema = z.object({
  theme: z.enum(['system', 'light', 'dark']).catch('system'),
  /** A locale of `locales/`, or `system` for the browser's. */
  language: z.string().max(35).catch('system'),
  ringSound: z.boolean().catch(true),
  /** Whether single keys such as M do something (WCAG 2.1.4 asks that they can be turned off). */
  shortcuts: z.boolean().catch(true),
  microphoneId: z.string().nullable().catch(null),
  cameraId: z.string().nullable().catch(null),
  speakerId: z.string().nullable().catch(null),
})

export type Preferences = z.infer<typeof preferencesSchema>
export type ThemePreference = Preferences['theme']

/** `public/theme-boot.js` reads the same key. */
export const preferencesKey = 'ringway.preferences'

/** What this device's user has chosen; kept in the browser. */
export class PreferencesStore extends Store<Preferences> {
  readonly #storage: Storage | null

  constructor(storage: Storage | null) {
    super(read(storage))
    this.#storage = storage
  }

  update(change: Partial<Preferences>): void {
    this.replace({ ...this.state, ...change })
    try {
      this.#storage?.setItem(preferencesKey, JSON.stringify(this.state))
    } catch {
      // A full or forbidden storage: the choice holds until the page is left.
    }
  }
}

function read(storage: Storage | null): Preferences {
  try {
    return preferencesSchema.parse(JSON.parse(storage?.getItem(preferencesKey) ?? '{}'))
  } catch {
    return preferencesSchema.parse({})
  }
}
