/** Text as it is searched: without case, and with the same accents however they were typed. */
export const searchable = (text: string): string => text.normalize('NFKC').toLowerCase()

/** What a search for users looks into. */
export const searchTextOf = (user: { username: string; alias: string }): string => searchable(`${user.username} ${user.alias}`.trim())
