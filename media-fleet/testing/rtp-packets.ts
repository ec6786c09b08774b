/** RTP packets (RFC 3550 §5.1) of known content, as a sender makes them. */
export interface RtpFields {
  readonly payloadType: number
  readonly ssrc: number
  readonly sequence: number
  readonly timestamp: number
  readonly payload: Buffer
  /** RFC 6464 level: 0 (loudest) to 127, in a one-byte header extension (RFC 8285 §4.2) of this id. */
  readonly audioLevel?: { readonly id: number; readonly level: number }
}

export function rtpPacket(fields: RtpFields): Buffer {
  const header = Buffer.alloc(12)
  header.writeUInt8(fields.audioLevel === undefined ? 0x80 : 0x90, 0)
  header.writeUInt8(fields.payloadType, 1)
  header.writeUInt16BE(fields.sequence % 0x1_00_00, 2)
  header.writeUInt32BE(fields.timestamp % 0x1_00_00_00_00, 4)
  header.writeUInt32BE(fields.ssrc, 8)
  return Buffer.concat([header, levelExtension(fields.audioLevel), fields.payload])
}

function levelExtension(audioLevel: RtpFields['audioLevel']): Buffer {
  if (audioLevel === undefined) return Buffer.alloc(0)
  const voiceActivity = 0x80
  return Buffer.from([0xbe, 0xde, 0, 1, audioLevel.id << 4, voiceActivity | audioLevel.level, 0, 0])
}

/** Distinct bytes for each packet, so that a mixed-up or truncated one shows. */
export function audioPayload(sequence: number): Buffer {
  return Buffer.from(Uint8Array.from({ length: 40 }, (_, index) => (sequence * 7 + index) % 256))
}

/** A whole VP8 frame in one packet: descriptor with S set (RFC 7741 §4.2), then a frame tag whose lowest bit says "not key". */
export function vp8Payload(sequence: number, options: { key: boolean }): Buffer {
  return Buffer.concat([Buffer.from([0x10, options.key ? 0x10 : 0x11, 0, 0]), audioPayload(sequence)])
}

/** Whether a decrypted RTCP compound packet holds a Picture Loss Indication (RFC 4585 §6.3.1). */
export function hasPictureLossIndication(compound: Buffer): boolean {
  for (let offset = 0; offset + 4 <= compound.length; offset += 4 * (compound.readUInt16BE(offset + 2) + 1)) {
    const [format, type] = [compound.readUInt8(offset) & 0x1f, compound.readUInt8(offset + 1)]
    if (type === 206 && format === 1) return true
  }
  return false
}

/** Seconds from 1900, where NTP time begins, to 1970. */
const ntpEpoch = 2_208_988_800

/** A sender report without report blocks (RFC 3550 §6.4.1). `now` in milliseconds since 1970. */
export function senderReport(fields: { ssrc: number; timestamp: number; now: number; packets: number }): Buffer {
  const report = Buffer.alloc(28)
  report.writeUInt8(0x80, 0)
  report.writeUInt8(200, 1)
  report.writeUInt16BE(6, 2)
  report.writeUInt32BE(fields.ssrc, 4)
  report.writeUInt32BE(Math.floor(fields.now / 1000) + ntpEpoch, 8)
  report.writeUInt32BE(Math.floor(((fields.now % 1000) / 1000) * 0x1_00_00_00_00), 12)
  report.writeUInt32BE(fields.timestamp % 0x1_00_00_00_00, 16)
  report.writeUInt32BE(fields.packets, 20)
  return report
}
