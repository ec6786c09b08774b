import type { MessageKey } from '../../i18n/messages.ts'
import { Store } from './Store.ts'

export interface Notice {
  readonly id: number
  readonly tone: 'info' | 'error'
  readonly message: MessageKey
  readonly values: Readonly<Record<string, string | number>>
}

/** Short messages about what has just happened; shown for some seconds and read out. */
export class NoticesStore extends Store<readonly Notice[]> {
  #lastId = 0

  constructor() {
    super([])
  }

  show(message: MessageKey, options: { tone?: Notice['tone']; values?: Notice['values'] } = {}): void {
    this.#lastId += 1
    const notice: Notice = { id: this.#lastId, tone: options.tone ?? 'info', message, values: options.values ?? {} }
    // More than three at once would cover the page, and nobody could read them in time.
    this.replace([...this.state.filter((other) => !isSame(other, notice)), notice].slice(-3))
  }

  dismiss(id: number): void {
    this.replace(this.state.filter((notice) => notice.id !== id))
  }
}

const isSame = (a: Notice, b: Notice): boolean => a.message === b.message && JSON.stringify(a.values) === JSON.stringify(b.values)
