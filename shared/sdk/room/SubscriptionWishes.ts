import type { Layers } from '#shared/protocol/media.ts'
import type { MediaLink } from './MediaLink.ts'

interface Wish {
  readonly paused?: boolean
  readonly preferredLayers?: Layers
}

/** What the application wants of publications it receives; repeated on each link that receives them. */
export class SubscriptionWishes {
  readonly #wishes = new Map<string, Wish>()

  /** `link`: the newest one. One that does not receive the publication yet is told when it does. */
  async add(publicationId: string, wish: Wish, link: MediaLink | null): Promise<void> {
    this.#wishes.set(publicationId, { ...this.#wishes.get(publicationId), ...wish })
    if (link?.subscriptions.has(publicationId) === true) await link.updateSubscription(publicationId, wish)
  }

  /** The link has begun to receive the publication. */
  async repeat(publicationId: string, link: MediaLink): Promise<void> {
    const wish = this.#wishes.get(publicationId)
    if (wish !== undefined) await link.updateSubscription(publicationId, wish)
  }

  forget(publicationId: string): void {
    this.#wishes.delete(publicationId)
  }
}
