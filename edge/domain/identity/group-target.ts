const idPrefix = 'wac-group:'

export const groupUri = (groupId: string): string => `${idPrefix}${groupId}`

/** The id that `wac-group:<id>` or `<id>` names. */
export const groupIdOf = (target: string): string => withoutPrefix(target, idPrefix)

/** The id that `wac-user:<id>` or `<id>` names. */
export const userIdOf = (target: string): string => withoutPrefix(target, 'wac-user:')

const withoutPrefix = (target: string, prefix: string): string => (target.startsWith(prefix) ? target.slice(prefix.length) : target)
