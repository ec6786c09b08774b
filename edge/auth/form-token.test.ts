import { expect, it } from 'vitest'
import { Buffer } from '#edge/buffer.ts'
import { type FormContext, formToken, isFormToken } from './form-token.ts'

const env = { RINGWAY_MASTER_KEY: Buffer.alloc(32, 7).toString('base64') }
const context: FormContext = { form: 'login', browser: 'a secret', request: 'client_id=1' }
const now = 1_000_000_000_000

it('is good for an hour, for the form, the browser and the request it was made for', async () => {
  const token = await formToken(env, context, now)
  expect(await isFormToken(env, token, context, now + 3599_000)).toBe(true)
  expect(await isFormToken(env, token, context, now + 3600_000)).toBe(false)
  for (const other of [{ form: 'consent' }, { browser: 'another' }, { request: 'client_id=2' }] as const)
    expect(await isFormToken(env, token, { ...context, ...other }, now)).toBe(false)
  const elsewhere = { RINGWAY_MASTER_KEY: Buffer.alloc(32, 8).toString('base64') }
  expect(await isFormToken(elsewhere, token, context, now)).toBe(false)
})

it('is not made younger, and nothing else is one', async () => {
  const [madeAt, mac] = (await formToken(env, context, now)).split('.')
  expect(await isFormToken(env, `${Number(madeAt) + 1}.${mac}`, context, now)).toBe(false)
  for (const text of ['', '.', `${madeAt}.`, 'x.y', `${madeAt}.${mac}x`]) expect(await isFormToken(env, text, context, now)).toBe(false)
})

it('is never good for a browser without a secret', async () => {
  const nobody = { ...context, browser: '' }
  expect(await isFormToken(env, await formToken(env, nobody, now), nobody, now)).toBe(false)
})
