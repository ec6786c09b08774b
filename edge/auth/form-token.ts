import type { Env } from '#edge/env.ts'
import { fromBase64, toBase64Url, utf8 } from './bytes.ts'
import { macKey } from './mac-key.ts'

/** What a form of the provider's pages was made for. */
export interface FormContext {
  readonly form: 'login' | 'consent' | 'logout'
  /** A secret that only this browser has: the value of a cookie. */
  readonly browser: string
  /** The request that the form answers. */
  readonly request: string
}

type FormEnv = Pick<Env, 'RINGWAY_MASTER_KEY'>

const goodFor = 3600_000

/**
 * Says in a form that it is ours and was made for this browser and this request, so that no other site can
 * send it (RFC 9700 §4.7.1). Nothing is stored for it.
 */
export async function formToken(env: FormEnv, context: FormContext, now: number): Promise<string> {
  return `${now}.${toBase64Url(await macOf(env, context, now))}`
}

export async function isFormToken(env: FormEnv, token: string, context: FormContext, now: number): Promise<boolean> {
  const [, madeAt = '', mac = ''] = /^(\d{1,15})\.([\w-]{43})$/.exec(token) ?? []
  const given = fromBase64(mac)
  if (given.byteLength !== 32 || context.browser === '') return false
  const genuine = crypto.subtle.timingSafeEqual(given, await macOf(env, context, Number(madeAt)))
  return genuine && now - Number(madeAt) < goodFor
}

async function macOf(env: FormEnv, { form, browser, request }: FormContext, madeAt: number): Promise<Uint8Array> {
  const text = JSON.stringify([form, browser, request, madeAt])
  return new Uint8Array(await crypto.subtle.sign('HMAC', await macKey(env, 'forms'), utf8(text)))
}
