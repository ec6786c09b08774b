import { DurableObject } from 'cloudflare:workers'
import type { Logger } from '#shared/log/logger.ts'
import { type Clock, systemClock } from '#shared/time/clock.ts'
import { RegionTable } from '#edge/db/objects/RegionTable.ts'
import type { DispatcherFleetPort } from '#edge/domain/fleet/fleet-ports.ts'
import type { HostReport } from '#edge/domain/fleet/host-report.ts'
import type { HostPromise } from '#edge/domain/placement/HostTable.ts'
import { placeInFleet } from '#edge/domain/placement/place-in-fleet.ts'
import { dispatcherOf, dispatchersIn, regionDirectoryName } from '#edge/domain/placement/shards.ts'
import type { PlacementRequest } from '#edge/domain/ports.ts'
import type { Env } from '#edge/env.ts'
import { loggerOf } from '#edge/services/logger.ts'
import { HostBook } from './dispatcher/HostBook.ts'
import { PromiseRelay } from './dispatcher/PromiseRelay.ts'
import { dispatcher } from '#edge/services/stubs.ts'

/** The regions are asked for again after this long, in milliseconds. */
const regionsMs = 30_000
/** A region tells the directory of itself this often, and is dropped when it has not for a day. */
const noteEveryMs = 3_600_000
const regionExpiryMs = 24 * 3_600_000

/**
 * One shard of a region's dispatcher: knows all hosts of the region and places the rooms whose names
 * fall to it. The one of the name `regionDirectoryName` keeps the list of regions instead.
 */
export class Dispatcher extends DurableObject<Env> implements DispatcherFleetPort {
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #random: () => number
  readonly #hosts: HostBook
  readonly #relay: PromiseRelay
  readonly #directory: RegionTable
  #regions: { readonly names: readonly string[]; readonly until: number } = { names: [], until: 0 }
  #notedAt: number | undefined

  constructor(ctx: DurableObjectState, env: Env, options: { clock?: Clock; logger?: Logger; random?: () => number } = {}) {
    super(ctx, env)
    this.#clock = options.clock ?? systemClock
    this.#logger = (options.logger ?? loggerOf(env)).child({ component: 'dispatcher' })
    this.#random = options.random ?? Math.random
    this.#hosts = new HostBook(ctx)
    this.#relay = new PromiseRelay({
      tell: (name, promises) => dispatcher(env, name).promised(promises),
      logger: this.#logger,
    })
    this.#directory = new RegionTable(ctx.storage)
  }

  async place(request: PlacementRequest): Promise<{ hostId: string } | null> {
    const placed = await placeInFleet(request, {
      placeIn: (region) => (region === request.region ? this.placeHere(request) : this.#placeThere({ ...request, region })),
      regions: () => this.#knownRegions(),
      random: this.#random,
    })
    const { room, region, exclude } = request
    this.#logger.info('room.placed', { room, region, exclude, hostId: placed?.hostId ?? null })
    return placed
  }

  placeHere(request: PlacementRequest): Promise<{ hostId: string } | null> {
    const promise = this.#hosts.place(request, { now: this.#clock.now(), random: this.#random })
    if (promise === null) return Promise.resolve(null)
    // Where there is nothing to choose from, the others need not know.
    if (this.#hosts.count > 1) {
      const own = dispatcherOf(request)
      const siblings = dispatchersIn(request.region).filter((name) => name !== own)
      this.ctx.waitUntil(this.#relay.add(promise, { siblings }))
    }
    return Promise.resolve({ hostId: promise.hostId })
  }

  promised(promises: readonly HostPromise[]): Promise<void> {
    for (const promise of promises) this.#hosts.promise(promise, { at: this.#clock.now() })
    return Promise.resolve()
  }

  report(report: HostReport): Promise<void> {
    this.#hosts.report(report, { at: this.#clock.now() })
    this.ctx.waitUntil(this.#note(report.region))
    return Promise.resolve()
  }

  forget(host: { hostId: string; bootId: string }): Promise<void> {
    this.#hosts.forget(host)
    return Promise.resolve()
  }

  hosts(): Promise<HostReport[]> {
    return Promise.resolve(this.#hosts.list({ now: this.#clock.now() }))
  }

  noteRegion(region: string): Promise<void> {
    this.#directory.put(region, { at: this.#clock.now() })
    return Promise.resolve()
  }

  regions(): Promise<string[]> {
    return Promise.resolve(this.#directory.seenSince(this.#clock.now() - regionExpiryMs))
  }

  /** Another region's answer; one that cannot be asked counts as full, so that a third may still help. */
  async #placeThere(request: PlacementRequest): Promise<{ hostId: string } | null> {
    try {
      return await dispatcher(this.env, dispatcherOf(request)).placeHere(request)
    } catch (error) {
      this.#logger.warn('dispatcher.region-unreachable', { region: request.region, error })
      return null
    }
  }

  async #knownRegions(): Promise<readonly string[]> {
    const now = this.#clock.now()
    if (this.#regions.until > now) return this.#regions.names
    try {
      this.#regions = { names: await dispatcher(this.env, regionDirectoryName).regions(), until: now + regionsMs }
    } catch (error) {
      this.#logger.warn('dispatcher.directory-unreachable', { error })
    }
    return this.#regions.names
  }

  /** Makes sure that other regions can spill over to this one. */
  async #note(region: string): Promise<void> {
    const now = this.#clock.now()
    if (this.#notedAt !== undefined && this.#notedAt + noteEveryMs > now) return
    this.#notedAt = now
    try {
      await dispatcher(this.env, regionDirectoryName).noteRegion(region)
    } catch (error) {
      this.#notedAt = undefined
      this.#logger.warn('dispatcher.directory-unreachable', { error })
    }
  }
}
