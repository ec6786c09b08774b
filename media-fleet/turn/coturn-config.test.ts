import { describe, expect, it } from 'vitest'
import { coturnConfig } from './coturn-config.ts'
import { credentialsLifetime, turnCredentials } from './credentials.ts'
import { type TurnSettings, turnUrls } from './settings.ts'

const base: TurnSettings = {
  ip: '192.0.2.1',
  address: '192.0.2.1',
  port: 3478,
  relayPorts: { min: 49_152, max: 49_251 },
  peers: ['192.0.2.1'],
}
const linesOf = (settings: TurnSettings): string[] => coturnConfig(settings, { secret: 's3cret', pidFile: '/run/turn.pid' }).split('\n')

describe('coturnConfig', () => {
  it('relays to the media addresses and to nothing else', () => {
    const lines = linesOf({ ...base, peers: ['192.0.2.1', '198.51.100.7'] })
    expect(lines.filter((line) => /peer/.test(line))).toEqual([
      'denied-peer-ip=0.0.0.0-255.255.255.255',
      'denied-peer-ip=::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
      'allowed-peer-ip=192.0.2.1',
      'allowed-peer-ip=198.51.100.7',
      'no-multicast-peers',
    ])
  })

  it('lets loopback be a peer only where the media is there', () => {
    expect(linesOf(base)).not.toContain('allow-loopback-peers')
    expect(linesOf({ ...base, ip: '127.0.0.1', address: '127.0.0.1', peers: ['127.0.0.1'] })).toContain('allow-loopback-peers')
  })

  it('says the address that the outside knows where it is another', () => {
    expect(linesOf(base).some((line) => line.startsWith('external-ip'))).toBe(false)
    expect(linesOf({ ...base, address: '198.51.100.7' })).toContain('external-ip=198.51.100.7/192.0.2.1')
    const wildcard = linesOf({ ...base, ip: undefined, address: '198.51.100.7' })
    expect(wildcard).toContain('external-ip=198.51.100.7')
    expect(wildcard.some((line) => /^(listening|relay)-ip/.test(line))).toBe(false)
  })

  it('speaks TLS where there is a certificate', () => {
    expect(linesOf(base)).toContain('no-tls')
    const tls = { port: 443, cert: '/etc/cert.pem', key: '/etc/key.pem', name: 'turn.example' }
    const lines = linesOf({ ...base, tls })
    expect(lines).toContain('tls-listening-port=443')
    expect(lines).not.toContain('no-tls')
    expect(turnUrls({ ...base, tls }).at(-1)).toBe('turns:turn.example:443?transport=tcp')
  })

  it('leaves ports over when its quota is full', () => {
    expect(linesOf(base)).toContain('total-quota=98')
  })
})

describe('turnUrls', () => {
  it('puts IPv6 addresses in brackets', () => {
    expect(turnUrls({ ...base, address: '2001:db8::1' })[0]).toBe('turn:[2001:db8::1]:3478?transport=udp')
  })
})

describe('turnCredentials', () => {
  it('end by themselves and are of one name', () => {
    const now = 1_700_000_000_000
    const alice = turnCredentials('s3cret', { name: 'alice', now })
    expect(alice.username).toBe(`${1_700_000_000 + credentialsLifetime}:alice`)
    expect(turnCredentials('s3cret', { name: 'bob', now }).credential).not.toBe(alice.credential)
    expect(turnCredentials('another', { name: 'alice', now }).credential).not.toBe(alice.credential)
  })
})
