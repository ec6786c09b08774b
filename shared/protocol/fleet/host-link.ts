import { z } from 'zod'
import { jurisdictionSchema } from '../tokens.ts'
import { videoCodecSchema } from '../media.ts'
import { procedure } from './frames.ts'

/** The dispatcher API: enrolment over REST, then the host's control socket to its MediaHost object. */

export const regionSchema = z.string().regex(/^[a-z0-9-]{1,32}$/)

/** `POST /dispatcher/hosts`, authorized by the enrolment secret as a bearer token. Done once per host. */
export const enrolRequestSchema = z.object({ region: regionSchema, name: z.string().max(253) })
export const enrolResponseSchema = z.object({
  hostId: z.uuid(),
  /** Shown once; the edge keeps only its hash. */
  hostKey: z.string(),
})

/** Load of one host. Sent on change, at most every 2 s. */
export const hostLoadSchema = z.object({
  /** 0..1 over all cores that run media workers. */
  cpu: z.number().min(0).max(1),
  rooms: z.number().int().nonnegative(),
  participants: z.number().int().nonnegative(),
  /** Streams in and out: what a worker's capacity is counted in. */
  producers: z.number().int().nonnegative(),
  consumers: z.number().int().nonnegative(),
  draining: z.boolean(),
})
export type HostLoad = z.infer<typeof hostLoadSchema>

export const hostDescriptionSchema = z.object({
  /** New with each process: another one means that all its rooms' media is lost. */
  bootId: z.uuid(),
  region: regionSchema,
  version: z.string(),
  workers: z.number().int().positive(),
  /** Consumers that the host takes on before it counts as full. */
  capacity: z.number().int().positive(),
  videoCodecs: z.array(videoCodecSchema).min(1),
  load: hostLoadSchema,
})
export type HostDescription = z.infer<typeof hostDescriptionSchema>

/** One connected host, as `GET /dispatcher/hosts` lists it. A draining one takes no more rooms. */
export const hostStatusSchema = hostDescriptionSchema.extend({
  hostId: z.uuid(),
  name: z.string(),
  state: z.enum(['connected', 'draining']),
})
export type HostStatus = z.infer<typeof hostStatusSchema>

/** `GET /dispatcher/hosts`, for platform admins. */
export const hostListSchema = z.object({ hosts: z.array(hostStatusSchema) })
export type HostList = z.infer<typeof hostListSchema>

/** Asked by the MediaHost object. */
export const hostProcedures = {
  /** Dial this room and serve it. Answered once the room's socket is being dialled. */
  serveRoom: procedure(
    z.object({
      room: z.string(),
      roomId: z.string(),
      epoch: z.number().int().nonnegative(),
      ticket: z.string(),
      jurisdiction: jurisdictionSchema.optional(),
    }),
    z.object({}),
  ),
  /** Stop taking rooms; leave once the last one has moved or ended. */
  drain: procedure(z.object({}), z.object({})),
} as const

/** Sent by the host. The first one on each socket is `hello`. */
export const hostNotifications = {
  hello: hostDescriptionSchema,
  load: hostLoadSchema,
} as const

/** Seconds between keep-alives of a host link; three missed ones mean that the host is lost. */
export const heartbeatSeconds = 2
export const missedHeartbeats = 3

/** How long a host keeps a room's media without a socket to the room, in milliseconds. */
export const orphanedMediaMs = 60_000
