import { z } from 'zod'
import { jurisdictionSchema } from '#shared/protocol/tokens.ts'
import type { HubEffect } from '#edge/domain/hub/Change.ts'

const room = z.object({ room: z.string(), jurisdiction: jurisdictionSchema.optional() })

/** What a hub tells rooms and others without fail, per kind of outbox message. */
export const outboxPayloads = {
  answerInvite: z.object({ room, inviteId: z.string(), answer: z.enum(['declined', 'offline', 'busy']) }),
  revokeInRoom: z.object({ room, loginId: z.string().nullable(), sessionId: z.string().optional() }),
  returnLoan: z.object({ loanId: z.string() }),
} as const

type OutboxEffect = Extract<HubEffect, { readonly type: keyof typeof outboxPayloads }>

export function messageOf(effect: OutboxEffect): { kind: keyof typeof outboxPayloads; target: string; payload: unknown } {
  return { kind: effect.type, target: effect.type === 'returnLoan' ? `loan:${effect.loanId}` : effect.room.room, payload: effect }
}
