import { AppError } from '#shared/errors/AppError.ts'
import type { Logger } from '#shared/log/logger.ts'
import { closeCodes } from '#shared/protocol/close-codes.ts'
import { type HostDescription, type HostLoad, hostNotifications, hostProcedures } from '#shared/protocol/fleet/host-link.ts'
import type { BackoffBounds } from './backoff.ts'
import { handshakeStatus } from './dial.ts'
import { controlSocketTarget, type SocketTarget } from './edge-addresses.ts'
import { enrol } from './enrol.ts'
import { FleetLink, type Handlers, type LinkEnd } from './FleetLink.ts'
import type { HostIdentity, HostIdentityStore } from './HostIdentity.ts'
import { LoadReporter } from './LoadReporter.ts'
import { Redialer } from './Redialer.ts'

const contract = { serves: hostProcedures, asks: {}, sends: hostNotifications, hears: {} } as const

export interface ControlLinkOptions {
  readonly edgeUrl: URL
  readonly enrolmentSecret: string
  readonly region: string
  readonly identities: HostIdentityStore
  readonly describe: () => Omit<HostDescription, 'load'>
  readonly measure: () => HostLoad
  readonly handlers: Handlers<typeof hostProcedures>
  readonly logger: Logger
  readonly backoff?: BackoffBounds
  readonly keepAliveMs?: number
  readonly loadIntervalMs?: number
}

/** Answers to the handshake, and close codes, that mean "I do not know you": the host enrols again. */
const unknownHostStatuses: readonly (number | undefined)[] = [401, 404]
const unknownHostCodes: readonly number[] = [closeCodes.unauthenticated]

/** The host's standing link to its MediaHost object: enrolment, `hello`, load, and what the edge asks of the host. */
export class ControlLink {
  readonly #options: ControlLinkOptions
  readonly #redialer: Redialer
  readonly #load: LoadReporter
  readonly #ready = Promise.withResolvers<HostIdentity>()
  #identity: HostIdentity | undefined
  #link: FleetLink<typeof contract> | undefined

  static start(options: ControlLinkOptions): ControlLink {
    return new ControlLink(options)
  }

  private constructor(options: ControlLinkOptions) {
    this.#options = options
    // Whoever waits for readiness sees a refusal; nobody waiting is no fault.
    this.#ready.promise.catch(() => undefined)
    this.#load = LoadReporter.start({
      measure: options.measure,
      tell: (load) => this.#link?.notify('load', load),
      ...(options.loadIntervalMs === undefined ? {} : { intervalMs: options.loadIntervalMs }),
    })
    this.#redialer = Redialer.start({
      target: (signal) => this.#target(signal),
      serve: (socket) => this.#serve(socket),
      failed: (error, signal) => this.#failed(error, signal),
      logger: options.logger,
      ...(options.backoff === undefined ? {} : { backoff: options.backoff }),
    })
  }

  /** The host's identity, once the control socket is up for the first time. Rejects with `enrolmentRefused`. */
  get ready(): Promise<HostIdentity> {
    return this.#ready.promise
  }

  /** Undefined before the first enrolment. */
  get identity(): HostIdentity | undefined {
    return this.#identity
  }

  get connected(): boolean {
    return this.#link !== undefined
  }

  /** Milliseconds of the last keep-alive's round trip; undefined while there is none. */
  get roundTripMs(): number | undefined {
    return this.#link?.roundTripMs
  }

  /** Tells the load now, where it has changed. */
  tellLoad(): void {
    this.#load.tellNow()
  }

  /** Idempotent. Tells the edge by closing the socket. */
  close(): void {
    this.#redialer.close()
    this.#load.close()
    this.#link?.close()
  }

  async #target(signal: AbortSignal): Promise<SocketTarget> {
    const { edgeUrl, identities } = this.#options
    this.#identity ??= await identities.load()
    this.#identity ??= await this.#enrol(signal)
    return controlSocketTarget(edgeUrl, this.#identity)
  }

  async #enrol(signal: AbortSignal): Promise<HostIdentity> {
    const { edgeUrl, enrolmentSecret: secret, region, identities, logger } = this.#options
    const identity = await enrol({ edgeUrl, secret, region, signal })
    await identities.save(identity)
    logger.info('host.enrolled', { hostId: identity.hostId, region })
    return identity
  }

  async #serve(socket: WebSocket): Promise<LinkEnd> {
    const { describe, handlers, logger, keepAliveMs } = this.#options
    const link = FleetLink.create(socket, {
      contract,
      handlers,
      listeners: {},
      logger,
      ...(keepAliveMs === undefined ? {} : { keepAliveMs }),
    })
    this.#link = link
    link.notify('hello', { ...describe(), load: this.#load.current() })
    if (this.#identity !== undefined) this.#ready.resolve(this.#identity)
    logger.info('host.connected', { hostId: this.#identity?.hostId })
    const end = await link.ended
    this.#link = undefined
    if (unknownHostCodes.includes(end.code)) await this.#forget()
    return end
  }

  async #failed(error: unknown, signal: AbortSignal): Promise<void> {
    const { edgeUrl, logger } = this.#options
    if (AppError.from(error).code === 'enrolmentRefused') {
      logger.error('host.enrolmentRefused')
      this.#ready.reject(AppError.from(error))
      return
    }
    if (this.#identity === undefined) {
      logger.warn('host.enrolmentFailed', { error })
      return
    }
    const status = await handshakeStatus(controlSocketTarget(edgeUrl, this.#identity), { signal })
    logger.warn('host.connectFailed', { hostId: this.#identity.hostId, status })
    if (unknownHostStatuses.includes(status)) await this.#forget()
  }

  async #forget(): Promise<void> {
    this.#options.logger.warn('host.unknownToEdge', { hostId: this.#identity?.hostId })
    this.#identity = undefined
    await this.#options.identities.forget()
  }
}
