import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { isNativeRedirect } from '#shared/protocol/sapi/clients.ts'
import type { Answer } from '#edge/services/oauth/authorization.ts'
import type { AppContext } from '../kit/app-env.ts'
import type { Html } from './layout.ts'
import { type Words, wordsFor } from './messages.ts'
import { answerPage } from './pages.ts'

/** Of every answer that a person's browser gets. A referrer would tell the client's site what is in our address (RFC 9700 §4.2.4). */
const common = {
  'cache-control': 'no-store',
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
} as const

export interface PageOptions {
  readonly status?: ContentfulStatusCode
  /** Where a form of the page ends up: browsers follow redirects of forms only to where forms may go. */
  readonly endsAt?: string
  readonly scripts?: boolean
}

/** A page that nothing can be put into, and that cannot be put into another one (RFC 9700 §4.16). */
export function pageResponse(c: AppContext, page: Html, { status = 200, endsAt, scripts = false }: PageOptions = {}) {
  const policy = [
    "default-src 'none'",
    "style-src 'self'",
    "img-src 'self'",
    ...(scripts ? ["script-src 'self'"] : []),
    `form-action 'self'${endsAt === undefined ? '' : ` ${formTarget(endsAt)}`}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ]
  const headers = { ...common, 'content-security-policy': policy.join('; '), 'x-frame-options': 'DENY' }
  return c.html(page, status, headers)
}

/**
 * A client's own site may lead on to another of its own, and browsers hold the whole way against the
 * policy: so it names the kind of target and not the host.
 */
function formTarget(uri: string): string {
  if (!isNativeRedirect(uri)) return 'https:'
  return uri.startsWith('http:') ? 'http:' : uri.slice(0, uri.indexOf(':') + 1)
}

/** Sends the browser to the client, always by GET: a password that was posted here goes no further (RFC 9700 §4.12). */
export function answerResponse(c: AppContext, { target, parameters }: Answer, client: string) {
  if (target.responseMode === 'form_post') {
    const page = answerPage(words(c, undefined), { client, action: target.redirectUri, parameters })
    return pageResponse(c, page, { endsAt: target.redirectUri, scripts: true })
  }
  const added = new URLSearchParams(parameters).toString()
  return redirectTo(c, target.responseMode === 'fragment' ? `${target.redirectUri}#${added}` : withQuery(target.redirectUri, added))
}

export const redirectTo = (c: AppContext, uri: string) => c.body(null, 303, { ...common, location: uri })

/** What a registered URI has of its own stays as it is (RFC 6749 §3.1.2). */
const withQuery = (uri: string, added: string): string => `${uri}${uri.includes('?') ? '&' : '?'}${added}`

export const words = (c: AppContext, parameters: URLSearchParams | undefined): Words =>
  wordsFor({ uiLocales: parameters?.get('ui_locales'), acceptLanguage: c.req.header('accept-language') })
