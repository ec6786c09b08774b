/** Another user of one's own domain. */
export interface Contact {
  readonly userId: string
  /** `username@domain`. */
  readonly username: string
  readonly displayName: string
}

export interface Page<Item> {
  readonly items: readonly Item[]
  /** Asks for the next page; null on the last. */
  readonly nextCursor: string | null
}

export interface ContactsQuery {
  /** Part of a user name. */
  readonly query?: string
  /** `nextCursor` of the page before. */
  readonly cursor?: string
  readonly limit?: number
}
