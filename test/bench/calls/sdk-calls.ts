import { setTimeout as sleep } from 'node:timers/promises'
import { Logger } from '#shared/log/logger.ts'
import type { TokenResponse } from '#shared/protocol/sapi/oauth.ts'
import { type Call, type IncomingCall, RingwayClient } from '#shared/sdk/index.ts'
import type { Deployment } from '../deployment/Deployment.ts'
import { inParallel } from '../kit/pool.ts'
import type { LoadGenerator } from '../load/LoadGenerator.ts'
import { SrtpMediaEngine } from '../load/SrtpMediaEngine.ts'
import type { CallKind, HeldCalls } from './held-calls.ts'

/** Calls being set up at the same time. */
const atOnce = 6
const setupWithinMs = 20_000
/** Each callee's user has so many devices, all of which ring and prepare: people have several, and passwords take long to check. */
const devicesPerCallee = 2

interface Party {
  readonly client: RingwayClient
  readonly engine: SrtpMediaEngine
  readonly username: string
}

interface Pair {
  readonly caller: Party
  readonly callee: Party
}

const silent = new Logger({ sink: () => undefined, level: 'error' })

/** Calls as the SDK makes them: invite, ring, accept, hang up, on clients that are signed in; their media is the generator's. */
export class SdkCalls {
  readonly #deployment: Deployment
  readonly #generator: LoadGenerator
  readonly #pairs: Pair[] = []
  /** By the name of the caller: which device is to answer, and who waits for that. */
  readonly #expected = new Map<string, { readonly party: Party; readonly accepted: PromiseWithResolvers<Call> }>()
  readonly #tokens = new Map<string, TokenResponse>()
  #users = 0
  #held = 0

  constructor(options: { deployment: Deployment; generator: LoadGenerator }) {
    this.#deployment = options.deployment
    this.#generator = options.generator
  }

  /** Signs in as many pairs as there shall be calls. */
  async #signIn(pairs: number): Promise<void> {
    const missing = pairs - this.#pairs.length
    if (missing <= 0) return
    const users = await inParallel(Math.ceil(missing / devicesPerCallee), 1, () => this.#newUser())
    const ready = await inParallel(missing, atOnce, async (index): Promise<Pair> => {
      const username = users[index % users.length]
      if (username === undefined) throw new TypeError('No user')
      return { caller: await this.#signInVisitor(), callee: await this.#signInUser(username) }
    })
    this.#pairs.push(...ready)
  }

  held(kind: CallKind): HeldCalls {
    const { pids } = this.#deployment
    return {
      name: 'Ringway',
      generator: this.#generator,
      pids: () => ({
        'media workers': pids.mediaWorkers,
        'media host': pids.host,
        workerd: pids.workerd,
        'edge process': [...pids.edge, ...pids.supervisor],
      }),
      prepare: (calls) => this.#signIn(calls),
      add: async (count) => {
        const from = this.#held
        this.#held += count
        return inParallel(count, atOnce, (index) => this.#openCall(from + index, kind))
      },
    }
  }

  /** Hangs up everywhere, also in calls that were not set up as they should have been. */
  async clear(): Promise<void> {
    const clients = this.#pairs.flatMap(({ caller, callee }) => [caller.client, callee.client])
    await inParallel(clients.length, atOnce, async (index) => {
      for (const call of clients[index]?.calls.values() ?? []) await call.leave()
    })
    this.#held = 0
  }

  /** Ends all connections, without saying goodbye. */
  close(): void {
    for (const { caller, callee } of this.#pairs) for (const { client } of [caller, callee]) client.close()
  }

  async #openCall(index: number, kind: CallKind): Promise<number> {
    const pair = this.#pairs[index]
    if (pair === undefined) throw new TypeError('Not enough clients')
    const { caller, callee } = pair
    const video = kind === 'audio+video'
    SrtpMediaEngine.pair(caller.engine, callee.engine, { streams: video ? 2 : 1 })
    const accepted = Promise.withResolvers<Call>()
    accepted.promise.catch(() => undefined)
    this.#expected.set(caller.username, { party: callee, accepted })
    const startedAt = performance.now()
    const late = new AbortController()
    const tooLate = sleep(setupWithinMs, undefined, { signal: late.signal }).then(() => {
      throw new Error(`Call ${index + 1} was not set up within ${setupWithinMs} ms`)
    })
    try {
      const open = async (): Promise<void> => {
        await caller.client.call({ to: callee.username, audio: true, video })
        await accepted.promise
        await Promise.all([caller.engine.receiving, callee.engine.receiving])
      }
      await Promise.race([open(), tooLate])
      return performance.now() - startedAt
    } finally {
      late.abort()
      tooLate.catch(() => undefined)
      this.#expected.delete(caller.username)
    }
  }

  /** All devices of a user ring; the one that is meant answers. */
  #answer(party: Party, incoming: IncomingCall): void {
    const expected = this.#expected.get(incoming.from.username)
    if (expected?.party !== party) return
    incoming.accept({ audio: true, video: incoming.media.video }).then(expected.accepted.resolve, expected.accepted.reject)
  }

  async #newUser(): Promise<string> {
    this.#users += 1
    const account = await this.#deployment.createUser(`load-${this.#users}`)
    this.#tokens.set(account.username, await this.#deployment.passwordToken(account))
    return account.username
  }

  async #signInVisitor(): Promise<Party> {
    const engine = new SrtpMediaEngine(this.#generator)
    const client = new RingwayClient({ url: this.#deployment.url, media: engine, logger: silent, transport: 'websocket' })
    const { user } = await client.login({ grantType: 'anonymous', domain: 'default' })
    return { client, engine, username: user.username }
  }

  /** A further device of the user: its sign-in is answered here with the tokens of the first, which spares the server the password. */
  async #signInUser(username: string): Promise<Party> {
    const engine = new SrtpMediaEngine(this.#generator)
    const tokens = this.#tokens.get(username)
    const client = new RingwayClient({
      url: this.#deployment.url,
      media: engine,
      logger: silent,
      transport: 'websocket',
      fetch: async (input, init) => (String(input).endsWith('/sapi/o/token') ? Response.json(tokens) : fetch(input, init)),
    })
    const party: Party = { client, engine, username }
    client.on('incoming', (incoming) => this.#answer(party, incoming))
    await client.login({ grantType: 'password', username, password: 'known already' })
    return party
  }
}
