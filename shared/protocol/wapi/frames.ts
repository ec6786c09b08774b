import { z } from 'zod'

/**
 * Frames of WAPI v1. A client sends requests; the server sends responses and events. The same
 * messages travel over a WebSocket or over POST and server-sent events.
 */

export const methodSchema = z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'])

export type Method = z.infer<typeof methodSchema>

export const requestSchema = z.object({
  /** Chosen by the client and unique within its session: the same id again is the same request. */
  id: z.string().min(1).max(64),
  method: methodSchema,
  resource: z.string().startsWith('/').max(256),
  body: z.unknown().optional(),
})

export const responseSchema = z.object({
  /** Null when the request could not be read far enough to know its id. */
  id: z.string().nullable(),
  status: z.number().int().min(100).max(599),
  body: z.unknown().optional(),
})

export const eventSchema = z.object({
  /** Consecutive per room or session for state events; absent for events that may be lost. */
  seq: z.number().int().positive().optional(),
  event: z.string().min(1).max(64),
  resource: z.string().startsWith('/').max(256),
  body: z.unknown().optional(),
})

export const serverFrameSchema = z.union([responseSchema, eventSchema])

export type Request = z.infer<typeof requestSchema>
export type Response = z.infer<typeof responseSchema>
export type Event = z.infer<typeof eventSchema>
export type ServerFrame = z.infer<typeof serverFrameSchema>

/** Answered by the server's socket without waking anything; sent by clients as keep-alive. */
export const keepAlive = { request: 'ping', response: 'pong' } as const
