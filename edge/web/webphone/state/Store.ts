import { useSyncExternalStore } from 'react'

/** A value that changes, with those who want to know. The value itself is immutable and replaced as a whole. */
export abstract class Store<State> {
  #state: State
  readonly #listeners = new Set<() => void>()

  constructor(initial: State) {
    this.#state = initial
  }

  get state(): State {
    return this.#state
  }

  /** Bound, so that React can hold on to it. Returns what takes the listener off again. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  protected replace(next: State): void {
    if (Object.is(next, this.#state)) return
    this.#state = next
    for (const listener of Array.from(this.#listeners)) listener()
  }
}

/** The store's value, rendering again when it changes. */
export const useStore = <State>(store: Store<State>): State => useSyncExternalStore(store.subscribe, () => store.state)
