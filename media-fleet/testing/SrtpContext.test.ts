import { expect, it } from 'vitest'
import { isRtcp, SrtpContext } from './SrtpContext.ts'

// The validation vector of libsrtp for this suite (srtp_validate in its test/srtp_driver.c).
const libsrtpKey = {
  cryptoSuite: 'AES_CM_128_HMAC_SHA1_80',
  keyBase64: Buffer.from('e1f97a0d3e018be0d64fa32c06de41390ec675ad498afeebb6960b3aabe6', 'hex').toString('base64'),
} as const
const plain = Buffer.from('800f1234decafbadcafebabeabababababababababababababababab', 'hex')
const protectedPacket = Buffer.from('800f1234decafbadcafebabe4e55dc4ce79978d88ca4d215949d2402b78d6acc99ea179b8dbb', 'hex')

it('protects as libsrtp does', () => {
  expect(new SrtpContext(libsrtpKey).protectRtp(plain).toString('hex')).toBe(protectedPacket.toString('hex'))
})

it('unprotects what it protects, over a rollover of the sequence number', () => {
  const parameters = SrtpContext.newParameters()
  const [sender, receiver] = [new SrtpContext(parameters), new SrtpContext(parameters)]
  for (const sequence of [65_534, 65_535, 0, 1, 2]) {
    const packet = Buffer.from(plain)
    packet.writeUInt16BE(sequence, 2)
    expect(receiver.unprotectRtp(sender.protectRtp(packet))).toEqual(packet)
  }
})

it('unprotects RTCP, and tells it from RTP', () => {
  const parameters = SrtpContext.newParameters()
  const report = Buffer.from('80c90001cafebabe', 'hex')
  const bye = Buffer.from('81cb0002cafebabe00000000', 'hex')
  const sender = new SrtpContext(parameters)
  const receiver = new SrtpContext(parameters)
  expect(receiver.unprotectRtcp(sender.protectRtcp(report))).toEqual(report)
  expect(receiver.unprotectRtcp(sender.protectRtcp(bye))).toEqual(bye)
  expect([isRtcp(report), isRtcp(plain)]).toEqual([true, false])
})

it('refuses a packet that was changed', () => {
  const parameters = SrtpContext.newParameters()
  const packet = new SrtpContext(parameters).protectRtp(plain)
  packet.writeUInt8(packet.readUInt8(14) ^ 1, 14)
  expect(() => new SrtpContext(parameters).unprotectRtp(packet)).toThrow('authenticate')
})
