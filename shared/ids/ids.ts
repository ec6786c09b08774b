import { v7 } from 'uuid'

/** A UUIDv7 (RFC 9562 §5.7): sorts by creation time, so rows of one parent lie together. */
export const newId = (): string => v7()
