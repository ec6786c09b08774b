import { expect, it } from 'vitest'
import { Buffer } from '#edge/buffer.ts'
import { secretBox } from './secret-box.ts'

const masterKey = Buffer.alloc(32, 1).toString('base64')
const otherKey = Buffer.alloc(32, 2).toString('base64')

it('opens what it sealed, under the same name only', async () => {
  const box = await secretBox(masterKey, 'tests')
  const sealed = await box.seal('a secret', 'record 1')
  expect(sealed).not.toContain('a secret')
  expect(await box.open(sealed, 'record 1')).toBe('a secret')
  await expect(box.open(sealed, 'record 2')).rejects.toMatchObject({ code: 'internal' })
})

it('seals the same text differently each time', async () => {
  const box = await secretBox(masterKey, 'tests')
  expect(await box.seal('x', 'y')).not.toBe(await box.seal('x', 'y'))
})

it('does not open what another key, another purpose or somebody else has sealed', async () => {
  const box = await secretBox(masterKey, 'tests')
  const sealed = await box.seal('x', 'n')
  for (const other of [await secretBox(otherKey, 'tests'), await secretBox(masterKey, 'others')]) {
    await expect(other.open(sealed, 'n')).rejects.toMatchObject({ code: 'internal' })
  }
  await expect(box.open(`${sealed.slice(0, -2)}AA`, 'n')).rejects.toMatchObject({ code: 'internal' })
  await expect(box.open('v2.a.b', 'n')).rejects.toMatchObject({ code: 'internal' })
})

it('asks for a whole master key', async () => {
  await expect(secretBox(Buffer.alloc(16).toString('base64'), 'tests')).rejects.toMatchObject({ code: 'unavailable' })
})
