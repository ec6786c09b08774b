import { expect } from 'vitest'
import { call, origin } from './api.ts'

/** A person's browser at the provider's pages, without scripts: it keeps cookies, follows what is ours and fills in forms. */
export class Browser {
  readonly cookies = new Map<string, string>()

  /** Opens a URL here. Redirects that stay here are followed; where one leads elsewhere, that is the answer. */
  async open(url: string, options: { form?: Record<string, string>; headers?: Record<string, string> } = {}): Promise<Visit> {
    const { pathname, search } = new URL(url, origin)
    const headers = { 'accept-language': 'en', ...options.headers, ...(this.cookies.size === 0 ? {} : { cookie: this.#cookieHeader() }) }
    const response = await call(`${pathname}${search}`, { headers, ...(options.form === undefined ? {} : { form: options.form }) })
    for (const line of response.headers.getSetCookie()) this.#keep(line)
    const location = response.headers.get('location')
    if (location === null) return new Visit(this, response, await response.text())
    expect(response.status).toBe(303)
    if (new URL(location, origin).origin === origin) return this.open(location)
    return new Visit(this, response, '')
  }

  #cookieHeader(): string {
    return [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  }

  #keep(line: string): void {
    const [pair = '', ...attributes] = line.split('; ')
    const [name = '', value = ''] = pair.split('=')
    if (attributes.includes('Max-Age=0')) this.cookies.delete(name)
    else this.cookies.set(name, value)
  }
}

/** What the browser shows, or where it was sent. */
export class Visit {
  readonly browser: Browser
  readonly response: Response
  readonly html: string

  constructor(browser: Browser, response: Response, html: string) {
    this.browser = browser
    this.response = response
    this.html = html
  }

  /** Where the client would be told its answer. */
  get sentTo(): URL {
    const location = this.response.headers.get('location')
    expect(location, this.text).not.toBeNull()
    return new URL(location ?? '')
  }

  get answer(): Record<string, string> {
    return Object.fromEntries(this.sentTo.searchParams)
  }

  /** What a person reads. */
  get text(): string {
    return unescaped(this.html.replaceAll(/<(title|style|script)[^>]*>.*?<\/\1>|<[^>]+>/gs, ' '))
      .replaceAll(/\s+/g, ' ')
      .trim()
  }

  get hidden(): Record<string, string> {
    const fields = this.html.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)
    return Object.fromEntries([...fields].map(([, name = '', value = '']) => [unescaped(name), unescaped(value)]))
  }

  get action(): string {
    return unescaped(/<form method="post" action="([^"]*)"/.exec(this.html)?.[1] ?? '')
  }

  /** Fills in the page's form and sends it, as from the page itself. */
  submit(fields: Record<string, string>): Promise<Visit> {
    return this.browser.open(this.action, { form: { ...this.hidden, ...fields }, headers: { 'sec-fetch-site': 'same-origin' } })
  }
}

const entities: Record<string, string> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'" }
const unescaped = (text: string): string => text.replaceAll(/&(amp|lt|gt|quot|#39);/g, (entity) => entities[entity] ?? entity)
