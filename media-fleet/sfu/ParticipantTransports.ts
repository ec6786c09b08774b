import type { types } from 'mediasoup'
import { AppError } from '#shared/errors/AppError.ts'
import type { RoomLinkNotificationBody } from '#shared/protocol/fleet/room-link.ts'
import type { Direction, IceParameters, IceServer, TransportAnswer, TransportKind, TransportParameters } from '#shared/protocol/media.ts'
import { orRefuse } from './media-errors.ts'
import type { RoomRouter } from './RoomRouter.ts'
import { SrtpLeg } from './SrtpLeg.ts'
import { WebRtcLeg } from './WebRtcLeg.ts'

export type LegState = RoomLinkNotificationBody<'transportState'>['state']

/** One direction of a participant's media, whatever it travels over. */
export interface Leg {
  readonly transport: types.Transport
  /** What the client is told. Asked again, it names the same transport. */
  readonly parameters: TransportParameters
  /** Undefined until the client has shown a sign of life. */
  readonly state: LegState | undefined
  connect(answer: TransportAnswer): Promise<void>
  /** `invalidRequest` where there is no ICE. */
  restartIce(): Promise<IceParameters>
  close(): void
}

/** The servers by which a client reaches this host where it cannot do so by itself. */
export type IceServers = (participantId: string) => readonly IceServer[]

export interface LegOptions {
  readonly home: RoomRouter
  readonly direction: Direction
  readonly iceServers: readonly IceServer[]
  /** Hears of each change of `state`. */
  readonly onState: (state: LegState) => void
}

/** A participant's two transports on this host. */
export class ParticipantTransports {
  readonly kind: TransportKind
  readonly send: Leg
  readonly recv: Leg
  readonly #answers = new Map<Direction, string>()

  static async create(
    kind: TransportKind,
    options: { home: RoomRouter; iceServers: readonly IceServer[]; onState: (direction: Direction, state: LegState) => void },
  ): Promise<ParticipantTransports> {
    const open = (direction: Direction): Promise<Leg> => {
      const { home, iceServers, onState } = options
      const leg: LegOptions = { home, direction, iceServers, onState: (state) => onState(direction, state) }
      return kind === 'webrtc' ? WebRtcLeg.create(leg) : SrtpLeg.create(leg)
    }
    const opened = await Promise.allSettled([open('send'), open('recv')])
    const [send, recv] = opened.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : undefined))
    if (send !== undefined && recv !== undefined) return new ParticipantTransports(kind, { send, recv })
    send?.close()
    recv?.close()
    throw new AppError('mediaUnavailable', { cause: opened.find((outcome) => outcome.status === 'rejected')?.reason })
  }

  private constructor(kind: TransportKind, legs: { send: Leg; recv: Leg }) {
    this.kind = kind
    this.send = legs.send
    this.recv = legs.recv
  }

  leg(direction: Direction): Leg {
    return direction === 'send' ? this.send : this.recv
  }

  /** The same answer may come again; another one is refused, as a transport is connected once. */
  async connect(direction: Direction, answer: TransportAnswer): Promise<void> {
    if (answer.kind !== this.kind) throw new AppError('mediaRejected', { context: { reason: 'wrongKind', expected: this.kind } })
    const text = JSON.stringify(answer)
    const earlier = this.#answers.get(direction)
    if (earlier === text) return
    if (earlier !== undefined) throw new AppError('mediaRejected', { context: { reason: 'alreadyConnected' } })
    await orRefuse('mediaRejected', 'connectTransport', () => this.leg(direction).connect(answer))
    this.#answers.set(direction, text)
  }

  close(): void {
    this.send.close()
    this.recv.close()
  }
}
