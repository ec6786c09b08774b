import { z } from 'zod'
import { jurisdictionSchema } from '#shared/protocol/tokens.ts'
import type { HubEffect } from '#edge/domain/hub/Change.ts'

const room = z.object({ room: z.string(), jurisdiction: jurisdictionSchema.optional() })

/** What a hub tells rooms without fail, per kind of outbox message. */
export const outboxPayloads = {
  answerInvite: z.object({ room, inviteId: z.string(), answer: z.enum(['declined', 'offline', 'busy']) }),
  revokeInRoom: z.object({ room, loginId: z.string().nullable() }),
} as const

type OutboxEffect = Extract<HubEffect, { readonly room: unknown }>

export function messageOf(effect: OutboxEffect): { kind: keyof typeof outboxPayloads; target: string; payload: unknown } {
  return { kind: effect.type, target: effect.room.room, payload: effect }
}
