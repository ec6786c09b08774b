import type { LoginProvider } from '#shared/sdk/index.ts'
import type { PhoneClient } from './phone-client.ts'
import { Store } from './Store.ts'

/** Somebody is still typing. */
const pause = 300

const none: readonly LoginProvider[] = []

/** Whom one can sign in with beside a password: the providers of the domain that is signed in to. */
export class ProvidersStore extends Store<readonly LoginProvider[]> {
  readonly #client: PhoneClient
  readonly #sleep: (milliseconds: number) => Promise<void>
  readonly #byDomain = new Map<string | undefined, readonly LoginProvider[]>()
  /** Answers about domains asked for earlier are dropped. */
  #question = 0

  constructor(client: PhoneClient, { sleep }: { sleep: (milliseconds: number) => Promise<void> }) {
    super(none)
    this.#client = client
    this.#sleep = sleep
  }

  /** Shows those of a domain; undefined: of the deployment's own. Where they cannot be had, there is still the password. */
  async show(domain: string | undefined): Promise<void> {
    const question = (this.#question += 1)
    const known = this.#byDomain.get(domain)
    if (known !== undefined) return this.replace(known)
    if (domain !== undefined) await this.#sleep(pause)
    if (question !== this.#question) return
    const found = await this.#client.loginProviders(domain).catch(() => none)
    if (found.length > 0) this.#byDomain.set(domain, found)
    if (question === this.#question) this.replace(found)
  }
}

/** The domain that a user name names. Undefined: none, or not all of it yet. */
export function domainOf(username: string): string | undefined {
  const [, domain = ''] = username.trim().split('@')
  return domain === '' ? undefined : domain.toLowerCase()
}
