import { z } from 'zod'
import {
  directionSchema,
  dtlsParametersSchema,
  iceCandidateSchema,
  iceParametersSchema,
  mediaKindSchema,
  rtpCapabilitiesSchema,
  rtpParametersSchema,
} from '#shared/protocol/media.ts'

/** What the bare peer's pages and server say to each other: the least that mediasoup needs, and a ring. */

const transportSchema = z.object({
  id: z.string(),
  iceParameters: iceParametersSchema,
  iceCandidates: z.array(iceCandidateSchema),
  dtlsParameters: dtlsParametersSchema,
})
const transportsSchema = z.object({ send: transportSchema, recv: transportSchema })
export type PeerTransports = z.infer<typeof transportsSchema>

export const toServerSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('hello'), name: z.string() }),
  z.object({ type: z.literal('invite'), to: z.string() }),
  z.object({ type: z.literal('accept') }),
  z.object({ type: z.literal('connect'), direction: directionSchema, dtlsParameters: dtlsParametersSchema }),
  z.object({ type: z.literal('produce'), kind: mediaKindSchema, rtpParameters: rtpParametersSchema }),
  z.object({ type: z.literal('hangUp') }),
])
export type ToServer = z.infer<typeof toServerSchema>

export const toPageSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('welcome'), routerRtpCapabilities: rtpCapabilitiesSchema }),
  z.object({ type: z.literal('ring'), from: z.string(), transports: transportsSchema }),
  /** The caller's transports, at once; the callee's answer follows as `accepted`. */
  z.object({ type: z.literal('calling'), transports: transportsSchema }),
  z.object({ type: z.literal('accepted') }),
  z.object({
    type: z.literal('consume'),
    consumerId: z.string(),
    producerId: z.string(),
    kind: mediaKindSchema,
    rtpParameters: rtpParametersSchema,
  }),
  z.object({ type: z.literal('produced'), producerId: z.string() }),
  z.object({ type: z.literal('ended') }),
])
export type ToPage = z.infer<typeof toPageSchema>
