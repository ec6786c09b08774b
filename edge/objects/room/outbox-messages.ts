import { z } from 'zod'
import { callRecordSchema } from '#shared/protocol/sapi/call-record.ts'
import { jurisdictionSchema } from '#shared/protocol/tokens.ts'
import { inviteEndReasonSchema } from '#shared/protocol/wapi/hub.ts'
import { ledgerName, monthOf, userHubName } from '#edge/domain/object-names.ts'
import type { RoomEffect } from '#edge/domain/room/change.ts'
import { userSchema, type RoomRecord } from '#edge/domain/room/state.ts'

/** What a room tells other objects without fail, per kind of outbox message. */
export const outboxPayloads = {
  endInvite: z.object({
    user: userSchema,
    roomId: z.string(),
    inviteId: z.string(),
    reason: inviteEndReasonSchema,
    exceptSessionId: z.string().optional(),
  }),
  enterHub: z.object({
    user: userSchema,
    room: z.object({ room: z.string(), jurisdiction: jurisdictionSchema.optional() }),
    roomId: z.string(),
    sessionId: z.string(),
    enteredAt: z.number(),
    onlyOneDeviceWithInvitations: z.boolean(),
  }),
  leaveHub: z.object({ user: userSchema, roomId: z.string(), sessionId: z.string() }),
  record: callRecordSchema,
  shareRecord: z.object({ record: callRecordSchema, domainId: z.string(), jurisdiction: jurisdictionSchema.optional() }),
} as const

/** Messages to one target arrive in order, so a hub never hears of a departure before the arrival. */
export function messageOf(
  effect: RoomEffect,
  room: RoomRecord,
): { kind: keyof typeof outboxPayloads; target: string; payload: unknown } | undefined {
  const { roomId } = room
  switch (effect.type) {
    case 'enterHub': {
      const address = { room: room.room, ...(room.jurisdiction === undefined ? {} : { jurisdiction: room.jurisdiction }) }
      const { onlyOneDeviceWithInvitations } = room.settings.invites
      return {
        kind: 'enterHub',
        target: userHubName(effect.user.userId),
        payload: { ...effect, roomId, room: address, onlyOneDeviceWithInvitations },
      }
    }
    case 'endInvite':
    case 'leaveHub':
      return { kind: effect.type, target: userHubName(effect.user.userId), payload: { ...effect, roomId } }
    case 'record':
      return { kind: 'record', target: ledgerName(room.domainId, monthOf(effect.record.endedAt)), payload: effect.record }
    case 'shareRecord':
      return { kind: 'shareRecord', target: ledgerName(effect.domainId, monthOf(effect.record.endedAt)), payload: effect }
    default:
      return undefined
  }
}
