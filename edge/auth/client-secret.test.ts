import { expect, it } from 'vitest'
import { Buffer } from '#edge/buffer.ts'
import { basicCredentials, newClientSecret, verifyClientSecret } from './client-secret.ts'

const basic = (pair: string) => `Basic ${Buffer.from(pair).toString('base64')}`

it('reads HTTP Basic as OAuth encodes it', () => {
  expect(basicCredentials(basic('id:se%3Acret+x'))).toEqual({ clientId: 'id', clientSecret: 'se:cret x' })
  expect(basicCredentials(basic('id:a:b'))).toEqual({ clientId: 'id', clientSecret: 'a:b' })
})

it.each([null, '', 'Bearer x', 'Basic', 'Basic !!!', basic('no colon'), basic('%zz:x')])('reads nothing from %j', (header) => {
  expect(basicCredentials(header)).toBeUndefined()
})

it('recognizes a secret by its hash', async () => {
  const { secret, hash } = await newClientSecret()
  expect(secret).toHaveLength(43)
  expect(await verifyClientSecret(secret, hash)).toBe(true)
  expect(await verifyClientSecret(`${secret}x`, hash)).toBe(false)
  expect(await verifyClientSecret('', undefined)).toBe(false)
})
