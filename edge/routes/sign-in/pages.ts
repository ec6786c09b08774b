import { html } from 'hono/html'
import type { ScopeName } from '#shared/protocol/sapi/clients.ts'
import { type Html, layout, paths } from './layout.ts'
import type { MessageKey, Words } from './messages.ts'

/** Fields that every form carries: the request it answers, and the proof that it is ours. */
export interface FormFields {
  readonly request: string
  readonly token: string
}

/** Another way to log in: a link to where it begins. */
export interface ProviderLink {
  readonly name: string
  readonly href: string
}

const hidden = ({ request, token }: FormFields): Html =>
  html`<input type="hidden" name="request" value="${request}" /><input type="hidden" name="token" value="${token}" />`

export interface LoginPage extends FormFields {
  readonly client: string
  readonly username: string
  /** Why it did not work the last time. */
  readonly error: string | undefined
  readonly providers: readonly ProviderLink[]
}

export function loginPage(words: Words, page: LoginPage): Html {
  const { t } = words
  const focusPassword = page.username !== ''
  return layout({
    words,
    title: t('login.title'),
    body: html`<h1>${t('login.title')}</h1>
      <p class="lead">${t('login.lead', { client: page.client })}</p>
      ${page.error === undefined ? '' : html`<p class="error" role="alert" id="error">${page.error}</p>`}
      <form method="post" action="${paths.login}">
        ${hidden(page)}
        <div class="field">
          <label for="username">${t('login.username')}</label>
          <input
            id="username"
            name="username"
            value="${page.username}"
            autocomplete="username"
            autocapitalize="none"
            spellcheck="false"
            maxlength="320"
            aria-describedby="username-hint"
            required
            ${focusPassword ? '' : html`autofocus`}
          />
          <p class="hint" id="username-hint">${t('login.usernameHint')}</p>
        </div>
        <div class="field">
          <label for="password">${t('login.password')}</label>
          <input
            id="password"
            name="password"
            type="password"
            autocomplete="current-password"
            maxlength="1024"
            required
            ${page.error === undefined ? '' : html`aria-describedby="error"`}
            ${focusPassword ? html`autofocus` : ''}
          />
        </div>
        <button class="primary" type="submit">${t('login.submit')}</button>
      </form>
      ${page.providers.length === 0 ? '' : providerLinks(words, page.providers)}`,
  })
}

const providerLinks = ({ t }: Words, providers: readonly ProviderLink[]): Html =>
  html`<p class="or">${t('login.or')}</p>
    <div class="providers">
      ${providers.map(({ name, href }) => html`<a class="button" href="${href}">${t('login.with', { provider: name })}</a>`)}
    </div>`

export interface ConsentPage extends FormFields {
  readonly client: string
  readonly username: string
  readonly scope: readonly ScopeName[]
  /** Where the browser goes afterwards, in a form that a person reads. */
  readonly target: string
  /** Leads back here as somebody else. */
  readonly otherAccount: string
}

export function consentPage(words: Words, page: ConsentPage): Html {
  const { t } = words
  const title = t('consent.title', { client: page.client })
  return layout({
    words,
    title,
    body: html`<h1>${title}</h1>
      <p class="lead">${t('consent.lead')}</p>
      <ul class="scopes">
        ${page.scope.map((name) => html`<li>${t(`consent.${name}`)}</li>`)}
      </ul>
      <form method="post" action="${paths.consent}">
        ${hidden(page)}
        <button class="primary" type="submit" name="decision" value="allow">${t('consent.allow')}</button>
        <button type="submit" name="decision" value="deny">${t('consent.deny')}</button>
      </form>
      <p class="foot">${t('consent.signedInAs', { username: page.username })} <a href="${page.otherAccount}">${t('consent.other')}</a></p>
      <p class="foot">${t('consent.target', { target: page.target })}</p>`,
  })
}

/** An answer that goes to the client as a form (OAuth 2.0 Form Post Response Mode). */
export function answerPage(
  words: Words,
  { client, action, parameters }: { client: string; action: string; parameters: Readonly<Record<string, string>> },
): Html {
  const { t } = words
  return layout({
    words,
    title: t('answer.title'),
    submits: true,
    body: html`<h1>${t('answer.title')}</h1>
      <p class="lead">${t('answer.lead', { client })}</p>
      <form method="post" action="${action}">
        ${Object.entries(parameters).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`)}
        <button class="primary" type="submit">${t('answer.submit')}</button>
      </form>`,
  })
}

export function logoutPage(words: Words, page: FormFields & { username: string }): Html {
  const { t } = words
  return layout({
    words,
    title: t('logout.title'),
    body: html`<h1>${t('logout.title')}</h1>
      <p class="lead">${t('logout.lead', { username: page.username })}</p>
      <form method="post" action="${paths.logout}">
        ${hidden(page)}
        <button class="primary" type="submit">${t('logout.submit')}</button>
      </form>`,
  })
}

export function noticePage(words: Words, { title, lead }: { title: MessageKey; lead: MessageKey }): Html {
  const { t } = words
  return layout({
    words,
    title: t(title),
    body: html`<h1>${t(title)}</h1>
      <p class="lead">${t(lead)}</p>`,
  })
}
