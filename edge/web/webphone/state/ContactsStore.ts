import type { Contact } from '#shared/sdk/index.ts'
import { localPart, shownName } from './call-view.ts'
import { codeOf, type PhoneClient } from './phone-client.ts'
import { Store } from './Store.ts'

export interface ContactsState {
  readonly query: string
  /** `failed` keeps showing what was there before. */
  readonly status: 'loading' | 'ready' | 'failed'
  readonly errorCode: string | null
  readonly items: readonly Contact[]
  readonly nextCursor: string | null
}

const pageSize = 50

/** The people of the user's domain, searched by the server as the user types. */
export class ContactsStore extends Store<ContactsState> {
  readonly #client: PhoneClient
  /** Answers to earlier questions are dropped. */
  #question = 0

  constructor(client: PhoneClient) {
    super({ query: '', status: 'loading', errorCode: null, items: [], nextCursor: null })
    this.#client = client
  }

  /** Asks for those who match; what is already here is narrowed down at once. */
  async search(query: string): Promise<void> {
    const narrowed = this.state.items.filter((contact) => matches(contact, query))
    this.replace({ ...this.state, query, status: 'loading', items: narrowed })
    await this.#load({ cursor: null })
  }

  /** Asks for the same again, after a failure or when people may have been added. */
  async reload(): Promise<void> {
    await this.search(this.state.query)
  }

  /** Appends the next page. */
  async loadMore(): Promise<void> {
    if (this.state.nextCursor === null || this.state.status === 'loading') return
    this.replace({ ...this.state, status: 'loading' })
    await this.#load({ cursor: this.state.nextCursor })
  }

  /** Who has this address, with or without its domain; where nobody is known by it, the address stands for itself. */
  find(address: string): { readonly username: string; readonly name: string } {
    const contact = this.state.items.find(({ username }) => username === address || localPart(username) === address)
    return contact === undefined
      ? { username: address, name: localPart(address) }
      : { username: contact.username, name: shownName(contact) }
  }

  clear(): void {
    this.#question += 1
    this.replace({ query: '', status: 'loading', errorCode: null, items: [], nextCursor: null })
  }

  async #load({ cursor }: { cursor: string | null }): Promise<void> {
    this.#question += 1
    const question = this.#question
    const query = this.state.query.trim()
    try {
      const page = await this.#client.contacts({
        limit: pageSize,
        ...(query === '' ? {} : { query }),
        ...(cursor === null ? {} : { cursor }),
      })
      if (question !== this.#question) return
      const me = this.#client.session?.user.userId
      const others = page.items.filter((contact) => contact.userId !== me)
      const items = cursor === null ? others : [...this.state.items, ...others]
      this.replace({ ...this.state, status: 'ready', errorCode: null, items, nextCursor: page.nextCursor })
    } catch (error) {
      if (question === this.#question) this.replace({ ...this.state, status: 'failed', errorCode: codeOf(error) })
    }
  }
}

/** Whether a contact's name or address holds the words of the query, whatever their case and accents. */
export function matches(contact: Contact, query: string): boolean {
  const text = fold(`${contact.displayName} ${contact.username}`)
  return fold(query)
    .split(/\s+/u)
    .every((word) => text.includes(word))
}

const fold = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()
