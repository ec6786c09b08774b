import type { types } from 'mediasoup-client'
import { RingwayError } from '../../RingwayError.ts'

/** The server numbers its media sections; this one is ours. */
const mid = 'warm'

/**
 * RTP parameters of a stream that never comes. Receiving it makes the browser connect its transport (ICE
 * and DTLS) while a call still rings, so that the first real stream flows without a handshake.
 */
export function warmUpParameters(device: types.Device): types.RtpParameters {
  const codec = device.recvRtpCapabilities.codecs?.find(({ mimeType }) => mimeType.toLowerCase() === 'audio/opus')
  if (codec?.preferredPayloadType === undefined) throw RingwayError.ofDevice('mediaNotSupported')
  const { mimeType, preferredPayloadType, clockRate, channels = 2, parameters = {}, rtcpFeedback = [] } = codec
  return {
    mid,
    codecs: [{ mimeType, payloadType: preferredPayloadType, clockRate, channels, parameters, rtcpFeedback }],
    headerExtensions: [],
    encodings: [{ ssrc: 1 + Math.floor(Math.random() * 0x7fff_fffe) }],
    rtcp: { cname: mid, reducedSize: true },
  }
}
