import { z } from 'zod'
import {
  audioLevelSchema,
  consumerTypeSchema,
  directionSchema,
  iceParametersSchema,
  layersSchema,
  mediaKindSchema,
  rtpCapabilitiesSchema,
  rtpParametersSchema,
  sourceSchema,
  srtpParametersSchema,
  transportAnswerSchema,
  transportKindSchema,
  transportParametersSchema,
  videoCodecSchema,
} from '../media.ts'
import { procedure } from './frames.ts'

/**
 * The socket a host holds to each room it serves. The room asks, the host executes: every question
 * is idempotent and carries the room's epoch, and a host refuses (`staleEpoch`) one lower than the
 * highest it has seen. A participant's media lives on one host; hosts of one room are joined by pipes.
 */

const epoch = z.number().int().nonnegative()
const participantId = z.string()
const publicationId = z.string()
const inEpoch = z.object({ epoch })
const empty = z.object({})

/** Bits per second; see SFU-3. */
export const bandwidthCapsSchema = z.object({ camera: z.number().int().positive(), screen: z.number().int().positive() })
export type BandwidthCaps = z.infer<typeof bandwidthCapsSchema>

export const pipeEndSchema = z.object({ ip: z.string(), port: z.number().int(), srtpParameters: srtpParametersSchema })
export type PipeEnd = z.infer<typeof pipeEndSchema>

export const roomProcedures = {
  /** First question on each socket, also after a reconnect. What the host still holds of the room is in the answer. */
  openRoom: procedure(
    inEpoch.extend({ videoCodec: videoCodecSchema, bandwidthCaps: bandwidthCapsSchema }),
    z.object({
      routerRtpCapabilities: rtpCapabilitiesSchema,
      participants: z.array(participantId),
      publications: z.array(publicationId),
    }),
  ),
  /** Ends the room's media on this host; the host closes the socket afterwards. */
  closeRoom: procedure(inEpoch, empty),

  /** Makes a participant's transports, or gives the existing ones. */
  openParticipant: procedure(
    inEpoch.extend({ participantId, kind: transportKindSchema }),
    z.object({ send: transportParametersSchema, recv: transportParametersSchema }),
  ),
  connectTransport: procedure(inEpoch.extend({ participantId, direction: directionSchema, answer: transportAnswerSchema }), empty),
  restartIce: procedure(inEpoch.extend({ participantId, direction: directionSchema }), z.object({ iceParameters: iceParametersSchema })),
  setCapabilities: procedure(inEpoch.extend({ participantId, rtpCapabilities: rtpCapabilitiesSchema }), empty),
  /** Closes its transports, publications and subscriptions. */
  closeParticipant: procedure(inEpoch.extend({ participantId }), empty),

  publish: procedure(
    inEpoch.extend({
      participantId,
      publicationId,
      source: sourceSchema,
      kind: mediaKindSchema,
      rtpParameters: rtpParametersSchema,
      paused: z.boolean(),
    }),
    empty,
  ),
  updatePublication: procedure(inEpoch.extend({ publicationId, paused: z.boolean() }), empty),
  unpublish: procedure(inEpoch.extend({ publicationId }), empty),

  /** `codecNotSupported` where the participant's capabilities cannot take it. Again: the existing consumer. */
  subscribe: procedure(
    inEpoch.extend({ participantId, publicationId }),
    z.object({
      consumerId: z.string(),
      kind: mediaKindSchema,
      type: consumerTypeSchema,
      rtpParameters: rtpParametersSchema,
      publicationPaused: z.boolean(),
    }),
  ),
  updateSubscription: procedure(
    inEpoch.extend({ participantId, publicationId, paused: z.boolean().optional(), preferredLayers: layersSchema.optional() }),
    empty,
  ),
  unsubscribe: procedure(inEpoch.extend({ participantId, publicationId }), empty),

  /** This host's end of the pipe to a peer host of the room. */
  openPipe: procedure(inEpoch.extend({ peerHostId: z.string() }), pipeEndSchema),
  connectPipe: procedure(inEpoch.extend({ peerHostId: z.string(), peer: pipeEndSchema }), empty),
  closePipe: procedure(inEpoch.extend({ peerHostId: z.string() }), empty),
  /** Sends one of this host's publications into the pipe. */
  sendToPipe: procedure(
    inEpoch.extend({ peerHostId: z.string(), publicationId }),
    z.object({ kind: mediaKindSchema, rtpParameters: rtpParametersSchema, paused: z.boolean() }),
  ),
  /** Takes a peer's publication out of the pipe; from then on it can be subscribed to here. */
  receiveFromPipe: procedure(
    inEpoch.extend({
      peerHostId: z.string(),
      publicationId,
      participantId,
      source: sourceSchema,
      kind: mediaKindSchema,
      rtpParameters: rtpParametersSchema,
      paused: z.boolean(),
    }),
    empty,
  ),
} as const

export type RoomProcedureName = keyof typeof roomProcedures

/** Sent by the host to the room. */
export const roomLinkNotifications = {
  speakers: z.object({ active: participantId.nullable(), levels: z.array(audioLevelSchema) }),
  bandwidth: z.object({ publicationId, maxBitrate: z.number().int() }),
  layers: z.object({ participantId, publicationId, layers: layersSchema.nullable() }),
  /** ICE or DTLS of a transport changed. `failed` and `closed` count as a lost leg. */
  transportState: z.object({
    participantId,
    direction: directionSchema,
    state: z.enum(['connecting', 'connected', 'disconnected', 'failed', 'closed']),
  }),
  /** A media worker died: these participants' media on this host is gone. */
  participantsLost: z.object({ participants: z.array(participantId) }),
  /**
   * A media worker died and took this host's ends of the pipes to these hosts along, with all that came through
   * them. Close the pipe on both hosts, then open it and subscribe again.
   */
  pipesLost: z.object({ peerHostIds: z.array(z.string()) }),
  /** The host wants its rooms to move. */
  draining: z.object({}),
} as const

export type RoomLinkNotificationName = keyof typeof roomLinkNotifications
export type RoomLinkNotificationBody<Name extends RoomLinkNotificationName> = z.infer<(typeof roomLinkNotifications)[Name]>
