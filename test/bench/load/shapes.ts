/** What a stream's packets look like and how often they come. */
export interface StreamShape {
  readonly kind: 'audio' | 'video'
  readonly frameIntervalUs: number
  readonly packetsPerFrame: number
  /** Of each packet, without RTP header and SRTP tag. */
  readonly payloadBytes: number
  readonly ticksPerFrame: number
  /** 0: no key frames, as in audio. */
  readonly framesPerKeyFrame: number
}

/** Opus at 36 kbit/s: 50 packets a second of 90 bytes. */
export const opusShape: StreamShape = {
  kind: 'audio',
  frameIntervalUs: 20_000,
  packetsPerFrame: 1,
  payloadBytes: 90,
  ticksPerFrame: 960,
  framesPerKeyFrame: 0,
}

/** VP8 at 400 kbit/s: 25 frames a second of two packets of 1000 bytes, a key frame every second. */
export const vp8Shape: StreamShape = {
  kind: 'video',
  frameIntervalUs: 40_000,
  packetsPerFrame: 2,
  payloadBytes: 1000,
  ticksPerFrame: 3600,
  framesPerKeyFrame: 25,
}
