import { randomBytes, randomInt } from 'node:crypto'
import type { RtpCapabilities, RtpParameters } from '#shared/protocol/media.ts'

/** The one suite that Ringway's SRTP transports speak. */
export const srtpSuite = 'AES_CM_128_HMAC_SHA1_80'

/** RFC 6464, in what the generator publishes. */
export const levelExtensionId = 10

export const opusPayloadType = 111
export const vp8PayloadType = 96

const levelUri = 'urn:ietf:params:rtp-hdrext:ssrc-audio-level'
const opusCodec = { mimeType: 'audio/opus', clockRate: 48_000, channels: 2, parameters: { minptime: 10, useinbandfec: 1 } } as const
const vp8Codec = {
  mimeType: 'video/VP8',
  clockRate: 90_000,
  rtcpFeedback: [{ type: 'nack' }, { type: 'nack', parameter: 'pli' }, { type: 'ccm', parameter: 'fir' }],
}

/** 30 bytes: key and salt, base64 as in SDES (RFC 4568 §6.1). */
export const newSrtpKey = (): string => randomBytes(30).toString('base64')

export const newSsrc = (): number => randomInt(1, 0xffff_ffff)

export const opusParameters = (ssrc: number): RtpParameters => ({
  codecs: [{ ...opusCodec, payloadType: opusPayloadType }],
  headerExtensions: [{ uri: levelUri, id: levelExtensionId }],
  encodings: [{ ssrc }],
  rtcp: { cname: `load-${ssrc}` },
})

export const vp8Parameters = (ssrc: number): RtpParameters => ({
  codecs: [{ ...vp8Codec, payloadType: vp8PayloadType }],
  encodings: [{ ssrc }],
  rtcp: { cname: `load-${ssrc}` },
})

/** What the generator can receive: the codecs it sends, without retransmission or congestion control. */
export const loadCapabilities: RtpCapabilities = {
  codecs: [
    { ...opusCodec, kind: 'audio', preferredPayloadType: opusPayloadType },
    { ...vp8Codec, kind: 'video', preferredPayloadType: vp8PayloadType },
  ],
  headerExtensions: [{ kind: 'audio', uri: levelUri, preferredId: levelExtensionId }],
}
