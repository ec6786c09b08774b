import type { Logger } from '#shared/log/logger.ts'
import type { Unsubscribe } from '../api/events.ts'

/** Typed events. A listener that throws is logged and harms neither the others nor the emitter. */
export class Emitter<Events extends object> {
  readonly #listeners: { [Name in keyof Events]?: Set<(payload: Events[Name]) => void> } = {}
  readonly #logger: Logger | undefined

  constructor(logger?: Logger) {
    this.#logger = logger
  }

  readonly on = <Name extends keyof Events>(event: Name, listener: (payload: Events[Name]) => void): Unsubscribe => {
    const listeners = (this.#listeners[event] ??= new Set())
    // A wrapper, so that the same function added twice is two listeners.
    const entry = (payload: Events[Name]): void => listener(payload)
    listeners.add(entry)
    return () => void listeners.delete(entry)
  }

  emit<Name extends keyof Events>(event: Name, payload: Events[Name]): void {
    for (const listener of [...(this.#listeners[event] ?? [])]) {
      try {
        listener(payload)
      } catch (error) {
        this.#logger?.error('listener.failed', { event: String(event), error })
      }
    }
  }

  clear(): void {
    for (const event in this.#listeners) this.#listeners[event]?.clear()
  }
}
