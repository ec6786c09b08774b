import { getSupportedRtpCapabilities, type types } from 'mediasoup'
import type { RtpCapabilities, RtpParameters, VideoCodec } from '#shared/protocol/media.ts'

const videoCodecs: Readonly<Record<VideoCodec, types.RouterRtpCodecCapability>> = {
  VP8: { kind: 'video', mimeType: 'video/VP8', clockRate: 90_000 },
  // Constrained baseline, level 3.1, one NAL unit or fragment per packet (RFC 6184 §5.4, §8.1): what every browser has.
  H264: {
    kind: 'video',
    mimeType: 'video/H264',
    clockRate: 90_000,
    parameters: { 'packetization-mode': 1, 'profile-level-id': '42e01f', 'level-asymmetry-allowed': 1 },
  },
}

/**
 * Codecs of a room's routers, in order of preference: Opus, then G.711 for what passes undecoded to
 * and from the telephone network, and the room's one video codec (SFU-1).
 */
export function routerCodecs(videoCodec: VideoCodec): types.RouterRtpCodecCapability[] {
  return [
    { kind: 'audio', mimeType: 'audio/opus', clockRate: 48_000, channels: 2, parameters: { minptime: 10, useinbandfec: 1 } },
    { kind: 'audio', mimeType: 'audio/PCMU', clockRate: 8000 },
    { kind: 'audio', mimeType: 'audio/PCMA', clockRate: 8000 },
    videoCodecs[videoCodec],
  ]
}

const knownExtensions: ReadonlySet<string> = new Set((getSupportedRtpCapabilities().headerExtensions ?? []).map(({ uri }) => uri))

const isKnownExtension = (uri: string): uri is types.RtpHeaderExtensionUri => knownExtensions.has(uri)

/** RTP parameters for mediasoup: without the header extensions that it does not know and would not forward. */
export function toRouterParameters(parameters: RtpParameters): types.RtpParameters {
  const headerExtensions = (parameters.headerExtensions ?? []).flatMap(({ uri, ...rest }) =>
    isKnownExtension(uri) ? [{ ...rest, uri }] : [],
  )
  return { ...parameters, headerExtensions }
}

/** Capabilities for mediasoup, likewise. A receiver's preferred payload type plays no part: the router's is used. */
export function toRouterCapabilities(capabilities: RtpCapabilities): types.RtpCapabilities {
  return {
    codecs: (capabilities.codecs ?? []).map((codec) => ({ ...codec, preferredPayloadType: codec.preferredPayloadType ?? 0 })),
    headerExtensions: (capabilities.headerExtensions ?? []).flatMap(({ uri, ...rest }) =>
      isKnownExtension(uri) ? [{ ...rest, uri }] : [],
    ),
  }
}
