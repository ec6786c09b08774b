import { describe, expect, it } from 'vitest'
import { sipUsernameSchema } from '#shared/protocol/sapi/sip-mappings.ts'
import { defaultSettings, settingsSchema } from '#shared/protocol/settings.ts'
import { resolveSettings } from '../settings.ts'
import { dynamicSipIdentity } from './dynamic-identity.ts'
import { sipUserKey, sipUserKeys } from './sip-user.ts'

describe('a SIP user name', () => {
  it.each([
    '205',
    'alice',
    '+34986120430',
    '+34-986(12)0430',
    '123@10.2.3.4',
    'alice@quobis.com',
    '*43#'.replace('#', '%23'),
    "o'neil",
    'a=b',
  ])('%s can be one', (username) => expect(sipUsernameSchema.parse(username)).toBe(username))

  it.each([
    '',
    'a b',
    'sip:205@host',
    '<205>',
    '205@',
    '@host',
    'a@b@c',
    '+',
    '+abc',
    '+1234567890123456',
    '%zz',
    'x@-host',
    'ä',
    '205\r\nVia: x',
    '20"5',
  ])('%j cannot', (username) => expect(sipUsernameSchema.safeParse(username).success).toBe(false))

  it.each([
    ['+34-986.12(0)430', '+34986120430'],
    ['20.5', '205'],
    ['Alice', 'Alice'],
    ['Alice@SIP.Example.', 'Alice@sip.example'],
    ['%61lice', 'alice'],
    ['a%2fb', 'a%2Fb'],
    ['a.b', 'a.b'],
  ])('%s is compared as %s', (username, key) => expect(sipUserKey(username)).toBe(key))

  it('is known by user and host, and by the user part alone', () => {
    expect(sipUserKeys('205@pbx.example')).toEqual(['205@pbx.example', '205'])
    expect(sipUserKeys('205')).toEqual(['205'])
  })
})

describe('the identity of a visitor', () => {
  it('is made as the settings of its domain say', () => {
    const { sip } = resolveSettings({ chain: [{ sip: { dynamicMappingDomain: 'anonymous-domain' } }] })
    expect(dynamicSipIdentity('abc', sip)).toBe('anonymous-abc@anonymous-domain')
  })

  it('is a SIP user name, whatever prefix is set', () => {
    const prefix = settingsSchema.shape.sip.shape.dynamicMappingPrefix
    expect(prefix.safeParse('no spaces').success).toBe(false)
    const identity = dynamicSipIdentity('anon-0198c3a0-6a3e-7d2b-9c5f-2f1f0a6f9b11', {
      ...defaultSettings.sip,
      dynamicMappingPrefix: prefix.parse('guest.'),
    })
    expect(sipUsernameSchema.parse(identity)).toBe(identity)
  })
})
