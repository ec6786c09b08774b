import { createExecutionContext } from 'cloudflare:test'
import { beforeEach, describe, expect, it } from 'vitest'
import { app } from '#edge/app.ts'
import { call, createDomain, createUser, env, startAnew, userPassword } from '../testing/api.ts'
import { Browser } from '../testing/browser.ts'
import { authorizeUrl, logIn, redirectUri, registerClient, type TestClient } from '../testing/oauth.ts'
import { wordsFor } from './messages.ts'
import en from './locales/en.json' with { type: 'json' }
import es from './locales/es.json' with { type: 'json' }

let client: TestClient

beforeEach(async () => {
  await startAnew()
  await createDomain('a')
  await createUser('a', 'alice')
  client = await registerClient()
})

const credentials = { username: 'alice@a', password: userPassword }
const ownForm = { headers: { 'sec-fetch-site': 'same-origin' } }

describe('pages', () => {
  it('take nothing in and cannot be taken in (RFC 9700 §4.16)', async () => {
    const login = await new Browser().open(await authorizeUrl(client))
    const consent = await logIn(login)
    for (const { response, html } of [login, consent]) {
      const policy = response.headers.get('content-security-policy') ?? ''
      expect(policy.split('; ')).toEqual([
        "default-src 'none'",
        "style-src 'self'",
        "img-src 'self'",
        "form-action 'self' https:",
        "frame-ancestors 'none'",
        "base-uri 'none'",
      ])
      expect(Object.fromEntries(response.headers)).toMatchObject({
        'x-frame-options': 'DENY',
        'cache-control': 'no-store',
        'referrer-policy': 'same-origin',
        'x-content-type-options': 'nosniff',
      })
      expect(html).not.toMatch(/<script|style="|\son\w+="/)
    }
  })

  it('are never called by pages of others (RFC 9700 §2.6)', async () => {
    await createDomain('b', { origins: ['app.acme.example'] })
    const headers = { origin: 'https://app.acme.example' }
    const page = await call(await authorizeUrl(client), { headers })
    expect(page.headers.get('access-control-allow-origin')).toBeNull()
    const token = await call('/sapi/o/token', { form: { grant_type: 'x' }, headers })
    expect(token.headers.get('access-control-allow-origin')).toBe('https://app.acme.example')
  })

  it('show what others wrote as text', async () => {
    const mean = await registerClient({ name: '<script>alert(1)</script>"&' })
    const page = await new Browser().open(await authorizeUrl(mean, { login_hint: '"><script>x</script>', state: '"><b>' }))
    expect(page.html).not.toContain('<script')
    expect(page.html).not.toContain('"><b>')
    expect(page.text).toContain('to continue to <script>alert(1)</script>"&')
    expect(page.html).toContain('value="&quot;&gt;&lt;script&gt;x&lt;/script&gt;"')
  })

  it('speak the language of the client or the browser', async () => {
    const url = await authorizeUrl(client)
    const spanish = await new Browser().open(url, { headers: { 'accept-language': 'fr;q=0.9, es-MX, en;q=0.5' } })
    expect(spanish.html).toContain('<html lang="es">')
    expect(spanish.text).toContain('para continuar en Board')
    const asked = await new Browser().open(`${url}&ui_locales=de%20es`)
    expect(asked.html).toContain('<html lang="es">')
    expect((await new Browser().open(url)).text).toContain('to continue to Board')
    expect(wordsFor({ uiLocales: undefined, acceptLanguage: 'es;q=0, *' }).locale).toBe('en')
  })

  it('say the same in each language', () => {
    expect(Object.keys(es)).toEqual(Object.keys(en))
    const places = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([place]) => place).toSorted()
    const messages: Record<string, string> = es
    for (const [key, text] of Object.entries(en))
      expect({ key, places: places(messages[key] ?? '') }).toEqual({ key, places: places(text) })
  })

  it('have a look of their own', async () => {
    const style = await call('/sapi/o/pages/style.css')
    expect(style.headers.get('content-type')).toBe('text/css; charset=utf-8')
    const page = await new Browser().open(await authorizeUrl(client, { login_hint: 'alice@a' }))
    expect(page.html).toContain('href="/sapi/o/pages/style.css"')
    expect(page.html).toMatch(/id="username"[^>]*value="alice@a"/)
  })

  it('are not served where no browser could keep a session', async () => {
    const page = await call(await authorizeUrl(client), { headers: { 'x-forwarded-proto': 'http' } })
    expect(page.status).toBe(400)
    expect(await page.text()).toContain('https address')
  })
})

describe('cookies', () => {
  it('are the host’s own, unread by scripts and unsent by other sites’ forms', async () => {
    const page = await call(await authorizeUrl(client))
    expect(page.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^__Host-ringway-form=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Lax$/),
    ])
    const visit = await logIn(await new Browser().open(await authorizeUrl(client)))
    expect(visit.response.headers.getSetCookie()[0]).toMatch(
      /^__Host-ringway-session=[\w-]{43}; Max-Age=43200; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
    )
  })

  it('do without the prefix on plain http of this machine only', async () => {
    const at = async (host: string) => {
      const url = `${host}${await authorizeUrl(client)}`
      return (await app.fetch(new Request(url), env, createExecutionContext())).headers.getSetCookie()
    }
    expect(await at('http://127.0.0.1:8787')).toEqual([expect.stringMatching(/^ringway-form=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/)])
    expect(await at('http://localhost:8787')).toHaveLength(1)
    expect(await at('http://calls.acme.example')).toEqual([])
  })

  it('are new at each login, and the session before is over', async () => {
    const browser = new Browser()
    await logIn(await browser.open(await authorizeUrl(client)))
    const first = browser.cookies.get('__Host-ringway-session')
    await logIn(await browser.open(await authorizeUrl(client, { prompt: 'login' })))
    expect(browser.cookies.get('__Host-ringway-session')).not.toBe(first)
    expect(await env.DB.prepare('select count(*) as n from browser_sessions').first()).toEqual({ n: 1 })
  })
})

describe('a form', () => {
  it('of another site, or made for another browser or request, logs nobody in (RFC 9700 §4.7)', async () => {
    const url = await authorizeUrl(client)
    const page = await new Browser().open(url)
    const theirs = await new Browser().open(url)
    const other = await new Browser().open(await authorizeUrl(client, { state: 'other' }))
    const attempts = [
      () => new Browser().open(page.action, { form: { ...page.hidden, ...credentials }, ...ownForm }),
      () => page.browser.open(page.action, { form: { ...theirs.hidden, ...credentials }, ...ownForm }),
      () =>
        page.browser.open(page.action, { form: { ...page.hidden, request: other.hidden['request'] ?? '', ...credentials }, ...ownForm }),
      () => page.browser.open(page.action, { form: { ...page.hidden, token: '', ...credentials }, ...ownForm }),
      () => page.browser.open(page.action, { form: { ...page.hidden, ...credentials }, headers: { 'sec-fetch-site': 'cross-site' } }),
      () => page.browser.open(page.action, { form: { ...page.hidden, ...credentials }, headers: { 'sec-fetch-site': 'same-site' } }),
    ]
    for (const attempt of attempts) {
      const refused = await attempt()
      expect(refused.response.status).toBe(403)
      expect(refused.text).toContain('Please try again.')
      expect(refused.browser.cookies.has('__Host-ringway-session')).toBe(false)
    }
    expect((await logIn(page)).action).toMatch(/consent$/)
  })

  it('of another site agrees to nothing', async () => {
    const consent = await logIn(await new Browser().open(await authorizeUrl(client)))
    const theirs = await logIn(await new Browser().open(await authorizeUrl(client)))
    const agree = (form: Record<string, string>, headers: Record<string, string>) =>
      consent.browser.open(consent.action, { form: { ...form, decision: 'allow' }, headers })
    for (const attempt of [
      agree({ ...consent.hidden, token: '1.x' }, ownForm.headers),
      agree(theirs.hidden, ownForm.headers),
      agree(consent.hidden, { 'sec-fetch-site': 'cross-site' }),
    ]) {
      // The request begins anew, and asks again.
      expect((await attempt).action).toMatch(/consent$/)
    }
    expect(await env.DB.prepare('select count(*) as n from oauth_consents').first()).toEqual({ n: 0 })
    expect((await consent.submit({ decision: 'allow' })).answer['code']).toBeDefined()
  })

  it('that lacks something, or is too large, is refused on a page', async () => {
    const page = await new Browser().open(await authorizeUrl(client))
    const lacking = await page.browser.open(page.action, { form: {}, ...ownForm })
    expect(lacking.response.status).toBe(400)
    expect(lacking.text).toContain('This cannot go on')
    const large = await page.browser.open(page.action, {
      form: { ...page.hidden, username: 'x'.repeat(100_000), password: '' },
      ...ownForm,
    })
    expect(large.response.status).toBe(413)
  })
})

describe('a login', () => {
  it('that fails says so, keeps the name, and never the password', async () => {
    const page = await new Browser().open(await authorizeUrl(client))
    const wrong = await page.submit({ username: 'alice@a', password: 'a wrong password' })
    expect(wrong.response.status).toBe(400)
    expect(wrong.html).toContain('role="alert"')
    expect(wrong.text).toContain('The username or the password is wrong.')
    expect(wrong.html).toContain('value="alice@a"')
    expect(wrong.html).not.toContain('a wrong password')
    expect((await logIn(wrong)).action).toMatch(/consent$/)
  })

  it('is slowed as the password grant is', async () => {
    const page = await new Browser().open(await authorizeUrl(client))
    const statuses: number[] = []
    for (let attempt = 0; attempt < 12 && statuses.at(-1) !== 429; attempt += 1)
      statuses.push((await page.submit({ username: 'alice@a', password: 'wrong' })).response.status)
    expect(statuses.at(-1)).toBe(429)
    const slowed = await page.submit(credentials)
    expect(slowed.response.status).toBe(429)
    expect(Number(slowed.response.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(slowed.text).toMatch(/Wait \d+ seconds/)
    const grant = await call('/sapi/o/token', { json: { grant_type: 'password', ...credentials } })
    expect(grant.status).toBe(429)
  })

  it('is refused where the domain does not list the service', async () => {
    const page = await new Browser().open(await authorizeUrl(client))
    await env.DB.prepare(`update domains set services = '{}' where name = 'a'`).run()
    const refused = await page.submit(credentials)
    expect(refused.response.status).toBe(403)
    expect(refused.text).toContain('This account may not sign in.')
  })

  it('leads on by GET, so that the password goes no further (RFC 9700 §4.12)', async () => {
    const trusted = await registerClient({ trusted: true })
    const { response } = await logIn(await new Browser().open(await authorizeUrl(trusted)))
    expect(response.status).toBe(303)
    expect(response.headers.get('location')).toMatch(new RegExp(`^${redirectUri}\\?code=`))
    expect(response.headers.get('referrer-policy')).toBe('same-origin')
    expect(await response.text()).toBe('')
  })
})
