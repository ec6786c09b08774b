import { html } from 'hono/html'
import type { Words } from './messages.ts'

/** What `html` makes: text in which every value is escaped. */
export type Html = ReturnType<typeof html>

export interface Page {
  readonly words: Words
  readonly title: string
  readonly body: Html
  /** Sends the page's form by itself. */
  readonly submits?: boolean
}

/** Paths that the pages refer to; with any prefix they are served from here. */
export const paths = {
  authorize: '/sapi/o/authorize',
  login: '/sapi/o/authorize/login',
  consent: '/sapi/o/authorize/consent',
  logout: '/sapi/o/logout',
  federated: '/sapi/o/federated',
  style: '/sapi/o/pages/style.css',
  script: '/sapi/o/pages/submit.js',
} as const

export const layout = ({ words, title, body, submits = false }: Page): Html =>
  html`<!doctype html>
    <html lang="${words.locale}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>${title} – Ringway</title>
        <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="${paths.style}" />
        ${submits ? html`<script src="${paths.script}" defer></script>` : ''}
      </head>
      <body>
        <main>
          <p class="brand">
            <svg width="30" height="30" viewBox="0 0 32 32" aria-hidden="true">
              <rect width="32" height="32" rx="9" fill="currentColor" />
              <g fill="none" stroke="white" stroke-width="3.2" stroke-linecap="round">
                <path d="M8.6 18.6A7.9 7.9 0 0 1 18.6 8.6" />
                <path d="M23.4 13.4A7.9 7.9 0 0 1 13.4 23.4" />
              </g>
              <circle cx="16" cy="16" r="2.7" fill="white" />
            </svg>
            Ringway
          </p>
          ${body}
        </main>
      </body>
    </html>`
