import { useEffect, useRef } from 'react'

/** What single keys do: by key, such as `m` or `Shift+h`. */
export type Shortcuts = Readonly<Record<string, () => void>>

/** Where letters have a meaning of their own: text fields, and lists that jump to what is typed. */
const takesLetters =
  'input, textarea, select, [contenteditable="true"], [role="grid"], [role="listbox"], [role="menu"], [role="dialog"], [role="alertdialog"]'

/** Runs shortcuts while the component is shown; `enabled` is the user's own switch (WCAG 2.1.4). */
export function useShortcuts(shortcuts: Shortcuts, { enabled }: { enabled: boolean }): void {
  const current = useRef(shortcuts)
  useEffect(() => {
    current.current = shortcuts
  })

  useEffect(() => {
    if (!enabled) return undefined
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || event.isComposing) return
      if (event.target instanceof Element && event.target.closest(takesLetters) !== null) return
      const run = current.current[chordOf(event)]
      if (run === undefined) return
      event.preventDefault()
      run()
    }
    window.addEventListener('keydown', onKeyDown)
    return () => window.removeEventListener('keydown', onKeyDown)
  }, [enabled])
}

/** The letter that is printed on the key; on keyboards without Latin letters, the one at its place. */
export function chordOf(event: Pick<KeyboardEvent, 'key' | 'code' | 'shiftKey'>): string {
  const latin = /^[\x20-\x7e]$/u.test(event.key)
  const letter = latin ? event.key.toLowerCase() : (/^Key([A-Z])$/u.exec(event.code)?.[1]?.toLowerCase() ?? event.key)
  // Marks such as ? need Shift on some keyboards and not on others, so only letters carry it.
  return event.shiftKey && /^[a-z]$/u.test(letter) ? `Shift+${letter}` : letter
}
