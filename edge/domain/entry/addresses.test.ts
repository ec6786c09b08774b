import { isIP, SocketAddress } from 'node:net'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addressIn, isLoopback, networkOf, parseAddress, thisMachine } from './addresses.ts'

const canonical = (text: string): string => new URL(`http://[${text}]/`).hostname.slice(1, -1)

describe('parseAddress', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    [' 192.0.2.7 ', '192.0.2.7'],
    ['192.0.2.7:4711', '192.0.2.7'],
    ['2001:DB8::1', '2001:db8:0:0:0:0:0:1'],
    ['[2001:db8::1]:443', '2001:db8:0:0:0:0:0:1'],
    ['[::1]', '0:0:0:0:0:0:0:1'],
    ['fe80::1%eth0', 'fe80:0:0:0:0:0:0:1'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['::ffff:c000:207', '192.0.2.7'],
    ['64:ff9b::192.0.2.33', '64:ff9b:0:0:0:0:c000:221'],
    ['::', '0:0:0:0:0:0:0:0'],
  ])('reads %s', (text, address) => expect(parseAddress(text)).toBe(address))

  it.each([
    '',
    'unknown',
    '_hidden',
    '1.2.3',
    '1.2.3.256',
    '01.2.3.4',
    '1.2.3.4.5',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    'g::1',
    '::1.2.3',
    '12345::',
    '1:2:3:4:5:6:7::8:9',
  ])('takes "%s" for no address', (text) => expect(parseAddress(text)).toBeUndefined())

  it('agrees with Node on every IPv6 address', () => {
    fc.assert(
      fc.property(fc.ipV6(), (text) => {
        const parsed = parseAddress(text)
        expect(parsed).toBeDefined()
        if (parsed?.includes(':') === true) expect(canonical(parsed)).toBe(canonical(text))
        else expect(canonical(`::ffff:${parsed}`)).toBe(canonical(text))
      }),
      { numRuns: 2_000 },
    )
  })

  it('takes for an address only what is one', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[0-9a-f:.]{0,24}$/), (text) => {
        const parsed = parseAddress(text)
        if (parsed === undefined) return
        expect(isIP(parsed)).toBeGreaterThan(0)
        expect(() => new SocketAddress({ address: parsed, family: parsed.includes(':') ? 'ipv6' : 'ipv4' })).not.toThrow()
      }),
      { numRuns: 5_000 },
    )
  })
})

describe('networkOf', () => {
  it('is one for a whole /64 and for an IPv4 address', () => {
    const of = (text: string) => networkOf(parseAddress(text) ?? '')
    expect(of('2001:db8:1:2:3:4:5:6')).toBe(of('2001:db8:1:2::'))
    expect(of('2001:db8:1:2::')).not.toBe(of('2001:db8:1:3::'))
    expect(of('192.0.2.7')).toBe('192.0.2.7')
  })
})

describe('isLoopback', () => {
  it.each(['127.0.0.1', '127.8.9.1', '::1', '::ffff:127.0.0.1'])('holds for %s', (text) =>
    expect(isLoopback(parseAddress(text) ?? '')).toBe(true),
  )
  it.each(['128.0.0.1', '::2', '10.0.0.1', '::'])('does not hold for %s', (text) =>
    expect(isLoopback(parseAddress(text) ?? '')).toBe(false),
  )
})

describe('addressIn', () => {
  const headers = (entries: Record<string, string>) => new Headers(entries)
  const platform = { header: 'cf-connecting-ip', hops: 1 }

  it('is what the platform says, and this machine where it says nothing', () => {
    expect(addressIn(headers({ 'cf-connecting-ip': '192.0.2.7', 'x-forwarded-for': '1.1.1.1' }), platform)).toBe('192.0.2.7')
    expect(addressIn(headers({ 'x-forwarded-for': '1.1.1.1' }), platform)).toBe(thisMachine)
  })

  it('believes no header where nobody in front sets one', () => {
    const claimed = headers({ 'cf-connecting-ip': '192.0.2.7', none: '192.0.2.7', 'x-forwarded-for': '192.0.2.7' })
    expect(addressIn(claimed, { header: 'none', hops: 1 })).toBe(thisMachine)
  })

  it('is unknown where the configured header is missing, unreadable or too short', () => {
    const options = { header: 'client-ip', hops: 1 }
    expect(addressIn(headers({ 'cf-connecting-ip': '192.0.2.7' }), options)).toBeUndefined()
    expect(addressIn(headers({ 'client-ip': 'someone' }), options)).toBeUndefined()
    expect(addressIn(headers({ 'x-forwarded-for': '192.0.2.7' }), { header: 'x-forwarded-for', hops: 2 })).toBeUndefined()
  })

  it('is the same whatever the client writes before the entries of the own proxies', () => {
    fc.assert(
      fc.property(fc.string(), fc.ipV4(), fc.array(fc.ipV4(), { maxLength: 3 }), (forged, client, proxies) => {
        const list = [forged.replaceAll(/[^\x20-\x7e]/g, ''), client, ...proxies].join(', ')
        expect(addressIn(headers({ 'x-forwarded-for': list }), { header: 'x-forwarded-for', hops: proxies.length + 1 })).toBe(client)
      }),
    )
  })
})
