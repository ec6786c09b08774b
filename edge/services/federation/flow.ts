import { z } from 'zod'
import type { AppError } from '#shared/errors/AppError.ts'
import type { ErrorCode } from '#shared/errors/codes.ts'
import { codeChallengeSchema } from '#shared/protocol/sapi/federation.ts'
import { sha256 } from '#edge/auth/bytes.ts'
import { secretBox } from '#edge/auth/secret-box.ts'
import type { Scope } from '../scope.ts'

/** How long somebody may take to sign in at a provider, in milliseconds. */
export const flowLifetime = 10 * 60_000

/** A login between the way to the provider and the way back. */
const flowSchema = z.object({
  state: z.string().min(1),
  nonce: z.string().min(1),
  verifier: z.string().min(1),
  /** Key of the provider. */
  provider: z.string().min(1),
  domainId: z.string().min(1),
  /** Whether the page that began named that domain. */
  isChosen: z.boolean(),
  /** Absolute URL, judged when the flow began. */
  returnTo: z.string().min(1),
  /** Whether that is a page of ours. */
  isOwnPage: z.boolean(),
  /** Undefined: the authorization endpoint asks, which is given a session of its browser instead of a code. */
  codeChallenge: codeChallengeSchema.optional(),
  /** The user has to have logged in at the provider since then. Undefined: whenever. */
  loggedInSince: z.number().optional(),
  expiresAt: z.number(),
})
export type Flow = z.infer<typeof flowSchema>

/**
 * The flow is kept by the browser that began it, sealed, in a cookie of its own that only this deployment
 * reads. So nobody else can end it (RFC 6749 §10.12), it costs the database nothing until a provider's
 * answer is there, and two tabs do not disturb each other.
 */
export async function flowCookie(scope: Scope, flow: Flow, issuer: string): Promise<string> {
  const value = await (await flowBox(scope)).seal(JSON.stringify(flow), 'flow')
  return cookie(await cookieName(flow.state, issuer), value, { issuer, maxAge: flowLifetime / 1000 })
}

/** Takes the cookie away. */
export const spentFlowCookie = async (state: string, issuer: string): Promise<string> =>
  cookie(await cookieName(state, issuer), '', { issuer, maxAge: 0 })

/** The flow that this browser began with this state. Undefined: none, or it took too long. */
export async function flowOf(scope: Scope, request: { cookies: string | null; state: string; issuer: string }): Promise<Flow | undefined> {
  const name = await cookieName(request.state, request.issuer)
  const sealed = (request.cookies ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .find((pair) => pair.startsWith(`${name}=`))
    ?.slice(name.length + 1)
  if (sealed === undefined) return undefined
  const flow = await opened(scope, sealed)
  return flow !== undefined && flow.state === request.state && flow.expiresAt > scope.clock.now() ? flow : undefined
}

async function opened(scope: Scope, sealed: string): Promise<Flow | undefined> {
  const box = await flowBox(scope)
  try {
    return flowSchema.parse(JSON.parse(await box.open(sealed, 'flow')))
  } catch {
    // Whoever wrote this cookie, it was not us.
    return undefined
  }
}

const flowBox = (scope: Scope) => secretBox(scope.env.RINGWAY_MASTER_KEY, 'federated logins')

/** What a name with this prefix holds was set by this very host, over TLS (RFC 6265bis §4.1.3.2). */
const cookieName = async (state: string, issuer: string): Promise<string> =>
  `${isSecure(issuer) ? '__Host-' : ''}ringway-federated-${(await sha256(state)).slice(0, 16)}`

const isSecure = (issuer: string): boolean => issuer.startsWith('https:')

/** `Lax`: the way back is a navigation that a page of the provider begins. */
const cookie = (name: string, value: string, { issuer, maxAge }: { issuer: string; maxAge: number }): string =>
  `${name}=${value}; Path=/; Max-Age=${maxAge}; HttpOnly; SameSite=Lax${isSecure(issuer) ? '; Secure' : ''}`

/** Where a browser is sent, with a one-time code or an error behind `#`: what stands there reaches no server and no log. */
export interface Sent {
  readonly location: string
  readonly cookies: readonly string[]
  /** Undefined: it went well. */
  readonly error: AppError | undefined
}

export const withFragment = (url: string, name: string, value: string): string =>
  `${url}#${new URLSearchParams({ [name]: value }).toString()}`

/**
 * Tells the page that began what went wrong. The authorization endpoint has no script that could read a
 * fragment; it only has to know that there is no login.
 */
export function failedAt({ returnTo, codeChallenge }: Pick<Flow, 'returnTo' | 'codeChallenge'>, code: ErrorCode): string {
  if (codeChallenge !== undefined) return withFragment(returnTo, 'federated_error', code)
  const url = new URL(returnTo)
  url.searchParams.set('federated_error', code)
  return url.href
}
