import { z } from 'zod'

/** Carries the hash of a host's key from the Worker's route to its MediaHost object. */
export const hostKeyHeader = 'x-ringway-host-key'

/** A host key is `<hostId>.<secret>`, so that the route knows which object to ask; 32 random bytes make the secret. */
const hostKeyPattern = /^([0-9a-f-]{36})\.([\w-]{43})$/

/** The host that a key names, whether or not it is genuine; undefined for what is no key. */
export function hostIdOfKey(hostKey: string): string | undefined {
  const hostId = hostKeyPattern.exec(hostKey)?.[1]
  return z.uuid().safeParse(hostId).data
}

export const hostKeyOf = (host: { readonly hostId: string; readonly secret: string }): string => `${host.hostId}.${host.secret}`
