import { createCipheriv, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { SrtpParameters } from '#shared/protocol/media.ts'

/**
 * AES_CM_128_HMAC_SHA1_80 (RFC 3711) for one direction, independent of the worker's own library, so
 * that tests prove what is on the wire.
 */
const keyLength = 16
const saltLength = 14
const tagLength = 10

/** Key derivation labels (RFC 3711 §4.3.1). */
const labels = { rtp: { cipher: 0, auth: 1, salt: 2 }, rtcp: { cipher: 3, auth: 4, salt: 5 } } as const

interface SessionKeys {
  readonly cipher: Buffer
  readonly auth: Buffer
  readonly salt: Buffer
}

interface StreamState {
  rollover: number
  sequence: number
}

export class SrtpContext {
  readonly #rtp: SessionKeys
  readonly #rtcp: SessionKeys
  readonly #streams = new Map<number, StreamState>()
  #rtcpIndex = 0

  constructor(parameters: SrtpParameters) {
    const master = Buffer.from(parameters.keyBase64, 'base64')
    if (master.length !== keyLength + saltLength) throw new TypeError('Not a key of AES_CM_128_HMAC_SHA1_80')
    this.#rtp = sessionKeys(master, labels.rtp)
    this.#rtcp = sessionKeys(master, labels.rtcp)
  }

  static newParameters(): SrtpParameters {
    return { cryptoSuite: 'AES_CM_128_HMAC_SHA1_80', keyBase64: randomBytes(keyLength + saltLength).toString('base64') }
  }

  protectRtp(packet: Buffer): Buffer {
    const { index, rollover } = this.#indexOf(packet)
    const length = rtpHeaderLength(packet)
    const body = crypt(this.#rtp, { ssrc: packet.readUInt32BE(8), index, data: packet.subarray(length) })
    const encrypted = Buffer.concat([packet.subarray(0, length), body])
    return Buffer.concat([encrypted, tagOf(this.#rtp, encrypted, uint32(rollover))])
  }

  /** Throws where the packet does not authenticate. */
  unprotectRtp(packet: Buffer): Buffer {
    const encrypted = packet.subarray(0, -tagLength)
    const { index, rollover } = this.#indexOf(encrypted)
    check(tagOf(this.#rtp, encrypted, uint32(rollover)), packet.subarray(-tagLength))
    const length = rtpHeaderLength(encrypted)
    const body = crypt(this.#rtp, { ssrc: encrypted.readUInt32BE(8), index, data: encrypted.subarray(length) })
    return Buffer.concat([encrypted.subarray(0, length), body])
  }

  /** RFC 3711 §3.4: the index travels with the packet, its top bit says that the body is encrypted. */
  protectRtcp(packet: Buffer): Buffer {
    const index = this.#rtcpIndex++
    const body = crypt(this.#rtcp, { ssrc: packet.readUInt32BE(4), index, data: packet.subarray(8) })
    const encrypted = Buffer.concat([packet.subarray(0, 8), body, uint32((index | 0x80_00_00_00) >>> 0)])
    return Buffer.concat([encrypted, tagOf(this.#rtcp, encrypted)])
  }

  unprotectRtcp(packet: Buffer): Buffer {
    const authenticated = packet.subarray(0, -tagLength)
    check(tagOf(this.#rtcp, authenticated), packet.subarray(-tagLength))
    const index = authenticated.readUInt32BE(authenticated.length - 4) & 0x7f_ff_ff_ff
    const encrypted = authenticated.subarray(0, -4)
    return Buffer.concat([
      encrypted.subarray(0, 8),
      crypt(this.#rtcp, { ssrc: encrypted.readUInt32BE(4), index, data: encrypted.subarray(8) }),
    ])
  }

  /** RFC 3711 §3.3.1, appendix A. */
  #indexOf(packet: Buffer): { index: number; rollover: number } {
    const sequence = packet.readUInt16BE(2)
    const state = this.#streams.get(packet.readUInt32BE(8)) ?? { rollover: 0, sequence }
    this.#streams.set(packet.readUInt32BE(8), state)
    const distance = sequence - state.sequence
    const rollover = distance < -0x80_00 ? state.rollover + 1 : distance > 0x80_00 ? Math.max(0, state.rollover - 1) : state.rollover
    if (rollover > state.rollover || (rollover === state.rollover && distance > 0)) Object.assign(state, { rollover, sequence })
    return { index: rollover * 0x1_00_00 + sequence, rollover }
  }
}

/** Whether a packet on a port that carries both is RTCP (RFC 5761 §4). */
export const isRtcp = (packet: Buffer): boolean => packet.length > 1 && packet.readUInt8(1) >= 192 && packet.readUInt8(1) <= 223

export function rtpHeaderLength(packet: Buffer): number {
  const first = packet.readUInt8(0)
  const fixed = 12 + 4 * (first & 0x0f)
  return (first & 0x10) === 0 ? fixed : fixed + 4 + 4 * packet.readUInt16BE(fixed + 2)
}

function sessionKeys(master: Buffer, label: { cipher: number; auth: number; salt: number }): SessionKeys {
  return {
    cipher: derive(master, label.cipher, keyLength),
    auth: derive(master, label.auth, 20),
    salt: derive(master, label.salt, saltLength),
  }
}

function derive(master: Buffer, label: number, length: number): Buffer {
  const counter = Buffer.alloc(16)
  master.copy(counter, 0, keyLength)
  counter.writeUInt8(counter.readUInt8(7) ^ label, 7)
  return createCipheriv('aes-128-ctr', master.subarray(0, keyLength), counter).update(Buffer.alloc(length))
}

/** RFC 3711 §4.1.1: IV = (salt * 2^16) XOR (SSRC * 2^64) XOR (index * 2^16). */
function crypt(keys: SessionKeys, options: { ssrc: number; index: number; data: Buffer }): Buffer {
  const counter = Buffer.alloc(16)
  counter.writeUInt32BE(options.ssrc, 4)
  counter.writeUIntBE(options.index, 8, 6)
  for (const [position, byte] of keys.salt.entries()) counter.writeUInt8(counter.readUInt8(position) ^ byte, position)
  return createCipheriv('aes-128-ctr', keys.cipher, counter).update(options.data)
}

function tagOf(keys: SessionKeys, ...parts: Buffer[]): Buffer {
  const hmac = createHmac('sha1', keys.auth)
  for (const part of parts) hmac.update(part)
  return hmac.digest().subarray(0, tagLength)
}

function check(expected: Buffer, actual: Buffer): void {
  if (!timingSafeEqual(expected, actual)) throw new Error('The packet does not authenticate')
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
