import { z } from 'zod'

/**
 * Shapes of the ORTC-style parameters that clients and media hosts exchange, as mediasoup defines
 * them (RtpParameters, RtpCapabilities, …). Objects are loose: mediasoup validates the rest, and a
 * newer mediasoup's fields must pass through an older edge.
 */

export const mediaKindSchema = z.enum(['audio', 'video'])
export type MediaKind = z.infer<typeof mediaKindSchema>

/** What a publication shows; at most one publication per source and participant. */
export const sourceSchema = z.enum(['microphone', 'camera', 'screen', 'screen-audio'])
export type Source = z.infer<typeof sourceSchema>

export const kindOfSource: Readonly<Record<Source, MediaKind>> = {
  microphone: 'audio',
  camera: 'video',
  screen: 'video',
  'screen-audio': 'audio',
}

export const directionSchema = z.enum(['send', 'recv'])
/** Seen from the client: `send` carries what it publishes, `recv` what it subscribes to. */
export type Direction = z.infer<typeof directionSchema>

/** One video codec per room (SFU-1). */
export const videoCodecSchema = z.enum(['VP8', 'H264'])
export type VideoCodec = z.infer<typeof videoCodecSchema>

const rtcpFeedbackSchema = z.looseObject({ type: z.string().max(32), parameter: z.string().max(32).optional() })
const codecParametersSchema = z.record(z.string().max(64), z.unknown())

export const rtpCapabilitiesSchema = z.looseObject({
  codecs: z
    .array(
      z.looseObject({
        kind: mediaKindSchema,
        mimeType: z.string().max(64),
        preferredPayloadType: z.number().int().optional(),
        clockRate: z.number().int(),
        channels: z.number().int().optional(),
        parameters: codecParametersSchema.optional(),
        rtcpFeedback: z.array(rtcpFeedbackSchema).max(32).optional(),
      }),
    )
    .max(64)
    .optional(),
  headerExtensions: z
    .array(
      z.looseObject({
        kind: mediaKindSchema,
        uri: z.string().max(256),
        preferredId: z.number().int(),
        preferredEncrypt: z.boolean().optional(),
        direction: z.enum(['sendrecv', 'sendonly', 'recvonly', 'inactive']).optional(),
      }),
    )
    .max(64)
    .optional(),
})
export type RtpCapabilities = z.infer<typeof rtpCapabilitiesSchema>

export const rtpParametersSchema = z.looseObject({
  mid: z.string().max(64).optional(),
  codecs: z
    .array(
      z.looseObject({
        mimeType: z.string().max(64),
        payloadType: z.number().int().min(0).max(127),
        clockRate: z.number().int(),
        channels: z.number().int().optional(),
        parameters: codecParametersSchema.optional(),
        rtcpFeedback: z.array(rtcpFeedbackSchema).max(32).optional(),
      }),
    )
    .min(1)
    .max(16),
  headerExtensions: z
    .array(z.looseObject({ uri: z.string().max(256), id: z.number().int(), encrypt: z.boolean().optional() }))
    .max(32)
    .optional(),
  encodings: z
    .array(
      z.looseObject({
        ssrc: z.number().int().optional(),
        rid: z.string().max(64).optional(),
        maxBitrate: z.number().optional(),
        scalabilityMode: z.string().max(32).optional(),
        dtx: z.boolean().optional(),
      }),
    )
    .max(8)
    .optional(),
  rtcp: z.looseObject({ cname: z.string().max(256).optional(), reducedSize: z.boolean().optional() }).optional(),
})
export type RtpParameters = z.infer<typeof rtpParametersSchema>

export const dtlsParametersSchema = z.object({
  role: z.enum(['auto', 'client', 'server']).optional(),
  fingerprints: z
    .array(
      z.object({
        algorithm: z.enum(['sha-1', 'sha-224', 'sha-256', 'sha-384', 'sha-512']),
        value: z.string().max(256),
      }),
    )
    .min(1)
    .max(8),
})

export const iceParametersSchema = z.object({
  usernameFragment: z.string().max(256),
  password: z.string().max(256),
  iceLite: z.boolean().optional(),
})
export type IceParameters = z.infer<typeof iceParametersSchema>

export const iceCandidateSchema = z.looseObject({
  foundation: z.string(),
  priority: z.number(),
  ip: z.string(),
  address: z.string().optional(),
  protocol: z.enum(['udp', 'tcp']),
  port: z.number().int(),
  type: z.enum(['host', 'srflx', 'prflx', 'relay']),
  tcpType: z.enum(['active', 'passive', 'so']).optional(),
})

export const srtpCryptoSuiteSchema = z.enum(['AEAD_AES_256_GCM', 'AEAD_AES_128_GCM', 'AES_CM_128_HMAC_SHA1_80', 'AES_CM_128_HMAC_SHA1_32'])

/** Keys as in SDES (RFC 4568 §6.1), base64 of master key and salt. */
export const srtpParametersSchema = z.object({ cryptoSuite: srtpCryptoSuiteSchema, keyBase64: z.string().max(128) })
export type SrtpParameters = z.infer<typeof srtpParametersSchema>

/** `webrtc`: ICE and DTLS-SRTP. `srtp`: keys by signaling, for bots and load generators (capability `plain-rtp`). */
export const transportKindSchema = z.enum(['webrtc', 'srtp'])
export type TransportKind = z.infer<typeof transportKindSchema>

/** As in `RTCConfiguration` (W3C WebRTC §4.2.4), for clients that cannot reach the host by themselves (TURN-1). */
export const iceServerSchema = z.object({
  urls: z.array(z.string().max(512)).min(1).max(8),
  username: z.string().max(256),
  credential: z.string().max(256),
})
export type IceServer = z.infer<typeof iceServerSchema>

export const transportParametersSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('webrtc'),
    iceParameters: iceParametersSchema,
    iceCandidates: z.array(iceCandidateSchema).max(64),
    dtlsParameters: dtlsParametersSchema,
    iceServers: z.array(iceServerSchema).max(4).optional(),
  }),
  z.object({
    kind: z.literal('srtp'),
    ip: z.string(),
    port: z.number().int(),
    srtpParameters: srtpParametersSchema,
  }),
])
export type TransportParameters = z.infer<typeof transportParametersSchema>

/** What the far side of a transport answers. `ip` and `port` are needed for an `srtp` recv transport only. */
export const transportAnswerSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('webrtc'), dtlsParameters: dtlsParametersSchema }),
  z.object({
    kind: z.literal('srtp'),
    srtpParameters: srtpParametersSchema,
    ip: z.union([z.ipv4(), z.ipv6()]).optional(),
    port: z.number().int().min(1).max(65535).optional(),
  }),
])
export type TransportAnswer = z.infer<typeof transportAnswerSchema>

export const consumerTypeSchema = z.enum(['simple', 'simulcast', 'svc', 'pipe'])

/** Everything a client needs to receive one publication. */
export const subscriptionSchema = z.object({
  publicationId: z.string(),
  participantId: z.string(),
  source: sourceSchema,
  consumerId: z.string(),
  kind: mediaKindSchema,
  type: consumerTypeSchema,
  rtpParameters: rtpParametersSchema,
  /** Whether the publisher has paused. */
  publicationPaused: z.boolean(),
})
export type Subscription = z.infer<typeof subscriptionSchema>

export const layersSchema = z.object({
  spatialLayer: z.number().int().min(0).max(7),
  temporalLayer: z.number().int().min(0).max(7).optional(),
})
export type Layers = z.infer<typeof layersSchema>

/** RFC 6464 level in -dBov: 0 is loudest, -127 silence. */
export const audioLevelSchema = z.object({ participantId: z.string(), volume: z.number().min(-127).max(0) })
export type AudioLevel = z.infer<typeof audioLevelSchema>
