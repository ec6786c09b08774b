import type { Plugin } from 'vite'
import { pagePolicy } from '../domain/entry/page-policy.ts'
import { brand } from './brand.ts'

/** The first versions with `light-dark()`, CSS nesting and relative colours; WebRTC support is older than these. */
export const browserTargets = ['chrome123', 'edge123', 'firefox128', 'safari17.5']

/**
 * Puts the policy into the built page, wherever that is served from; the edge sends it too, with what a page
 * cannot say for itself. The development server needs inline scripts and goes without.
 */
export function contentSecurityPolicy(): Plugin {
  return {
    name: 'ringway:content-security-policy',
    apply: 'build',
    transformIndexHtml: () => [
      { tag: 'meta', attrs: { 'http-equiv': 'Content-Security-Policy', content: pagePolicy.join('; ') }, injectTo: 'head-prepend' },
    ],
  }
}

/** Gives a page the name of its brand, wherever it says `%brand.name%`. */
export function brandName(): Plugin {
  return { name: 'ringway:brand-name', transformIndexHtml: (html) => html.replaceAll('%brand.name%', brand.name) }
}
