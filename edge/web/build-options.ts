import type { Plugin } from 'vite'
import { brand } from './brand.ts'

/** The first versions with `light-dark()`, CSS nesting and relative colours; WebRTC support is older than these. */
export const browserTargets = ['chrome123', 'edge123', 'firefox128', 'safari17.5']

/**
 * Everything comes from the page's own origin. `blob:` and `mediastream:` are what a call's audio and
 * video elements play; the edge adds `frame-ancestors`, which a page cannot set for itself.
 */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "font-src 'self'",
  "img-src 'self' blob:",
  "media-src 'self' blob: mediastream:",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ')

/** Puts the policy into the built page; the development server needs inline scripts and goes without. */
export function contentSecurityPolicy(): Plugin {
  return {
    name: 'ringway:content-security-policy',
    apply: 'build',
    transformIndexHtml: () => [
      { tag: 'meta', attrs: { 'http-equiv': 'Content-Security-Policy', content: policy }, injectTo: 'head-prepend' },
    ],
  }
}

/** Gives a page the name of its brand, wherever it says `%brand.name%`. */
export function brandName(): Plugin {
  return { name: 'ringway:brand-name', transformIndexHtml: (html) => html.replaceAll('%brand.name%', brand.name) }
}
