import { z } from 'zod'

/**
 * Names of Durable Objects. Same name, same object: get-or-create needs no lookup. The domain comes
 * from the verified token or ticket, never from a request.
 */

export const userHubName = (userId: string): string => `u:${userId}`
export const roomName = (domainId: string, uuid: string): string => `r:${domainId}:${uuid}`
export const quickConferenceName = (domainId: string, digits: string): string => `c:${domainId}:${digits}`
export const meetingRoomName = (domainId: string, meetingId: string): string => `m:${domainId}:${meetingId}`
export const personalRoomName = (domainId: string, userId: string): string => `p:${domainId}:${userId}`
export const dispatcherName = (region: string, shard: number): string => `dispatcher:${region}:${shard}`
export const mediaHostName = (hostId: string): string => `host:${hostId}`
export const webhookName = (endpointId: string): string => `hook:${endpointId}`
/** Of the domain's requests, with those of all domains under it. */
export const quotaName = (domainId: string): string => `quota:${domainId}`
/** `month` is `yyyy-mm` in UTC. */
export const ledgerName = (domainId: string, month: string): string => `ledger:${domainId}:${month}`

const uuid = z.uuid()

/** Domain of a room's object, from its name. */
export function domainOfRoom(name: string): string {
  const [, domainId] = name.split(':')
  if (domainId === undefined || !uuid.safeParse(domainId).success) throw new TypeError(`Not a room's object name: ${name}`)
  return domainId
}

/** Endpoint of a webhook's object, from its name. */
export function endpointOfWebhook(name: string | undefined): string {
  if (name?.startsWith('hook:') !== true) throw new TypeError('An endpoint is reached by its name')
  return name.slice('hook:'.length)
}

export const monthOf = (time: number): string => new Date(time).toISOString().slice(0, 7)
