import { groupIdOf, groupUri, userIdOf } from '../identity/group-target.ts'
import { userUri } from '../identity/user-target.ts'

/** Whose a SIP identity is (SIPMAP-1): a user's or a group's. */
export type SipOwner = { readonly userId: string } | { readonly groupId: string }

/** The same as it is stored: one of the two is null. */
export interface StoredOwner {
  readonly userId: string | null
  readonly groupId: string | null
}

/** Of `wac-user:<id>` or `wac-group:<id>`, as the schema has them. */
export const ownerOf = (ownerUri: string): SipOwner =>
  ownerUri.startsWith(userUri('')) ? { userId: userIdOf(ownerUri) } : { groupId: groupIdOf(ownerUri) }

export const ownerUriOf = ({ userId, groupId }: StoredOwner): string => (userId === null ? groupUri(groupId ?? '') : userUri(userId))
