import { Webhook as Verifier } from 'standardwebhooks'
import { z } from 'zod'
import type { Behaviour, HookConsumer } from '#edge/objects/webhook/fixture/HookConsumer.ts'
import { type HookEvent, hookEventSchema } from '#shared/protocol/sapi/events.ts'
import { hookStatusSchema, type LoggedDelivery, loggedDeliverySchema } from '#shared/protocol/sapi/webhooks.ts'
import type { Rest } from './Rest.ts'

const createdSchema = z.object({ id: z.string(), secret: z.string() })

/** An endpoint of the default domain, and the consumer behind it. */
export class TestHook {
  readonly name: string
  readonly id: string
  readonly #secret: string
  readonly #rest: Rest
  readonly #consumer: HookConsumer

  private constructor(options: { name: string; id: string; secret: string; rest: Rest; consumer: HookConsumer }) {
    this.name = options.name
    this.id = options.id
    this.#secret = options.secret
    this.#rest = options.rest
    this.#consumer = options.consumer
  }

  static async create(
    rest: Rest,
    consumer: HookConsumer,
    options: { name: string; behaviour?: Behaviour; url?: string },
  ): Promise<TestHook> {
    const { name, behaviour, url = consumer.url(name) } = options
    if (behaviour !== undefined) consumer.behave(name, behaviour)
    const { id, secret } = createdSchema.parse(await rest.send('POST', '/sapi/webhooks', { url, description: name }))
    return new TestHook({ name, id, secret, rest, consumer })
  }

  behave(behaviour: Behaviour): void {
    this.#consumer.behave(this.name, behaviour)
  }

  /** Every event that the consumer said it took, in the order in which it came first, each signature verified. */
  get events(): readonly (HookEvent & { readonly at: number })[] {
    const verifier = new Verifier(this.#secret)
    const events = new Map<string, HookEvent & { at: number }>()
    for (const { body, headers, taken, at } of this.#consumer.reached(this.name)) {
      if (!taken) continue
      const event = hookEventSchema.parse(JSON.parse(body))
      const sentAt = new Date(Number(headers['webhook-timestamp']) * 1000)
      if (headers['webhook-id'] !== event.id || headers['webhook-signature'] !== verifier.sign(event.id, sentAt, body))
        throw new Error(`Not signed as it should be: ${body}`)
      if (!events.has(event.id)) events.set(event.id, { ...event, at })
    }
    return [...events.values()]
  }

  /** Numbers of each room's events, as they came. */
  get rooms(): Record<string, number[]> {
    const rooms: Record<string, number[]> = {}
    for (const { stream, seq } of this.events) if (stream.startsWith('room:')) (rooms[stream] ??= []).push(seq)
    return rooms
  }

  async status(): Promise<z.infer<typeof hookStatusSchema>> {
    return hookStatusSchema.parse(await this.#rest.send('GET', `/sapi/webhooks/${this.id}/status`))
  }

  /** Attempts that are over. */
  async deliveries(): Promise<LoggedDelivery[]> {
    return loggedDeliverySchema.array().parse(await this.#rest.send('GET', `/sapi/webhooks/${this.id}/deliveries`))
  }

  async enable(): Promise<void> {
    await this.#rest.send('POST', `/sapi/webhooks/${this.id}/enable`)
  }
}

/** From 1 without a gap. */
export const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n + 1)
