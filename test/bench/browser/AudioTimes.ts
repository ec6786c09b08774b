/** When, by this machine's clock, decoded audio was first delivered, and first audible. Milliseconds since the epoch. */
export interface FirstAudio {
  readonly decodedAt: number
  readonly heardAt: number
}

const pollMs = 4

/** Milliseconds since the epoch, finer than `Date.now()`: the same clock in all pages of this machine. */
export const clock = (): number => performance.timeOrigin + performance.now()

/**
 * Watches every RTCPeerConnection that the page makes from now on, whoever makes it: plays what it
 * receives, and notes when the first decoded frame reaches the player, and the first that is not silence.
 */
export class AudioTimes {
  readonly #receivers = new Set<RTCRtpReceiver>()
  readonly #players = new Set<HTMLAudioElement>()
  #waiting = Promise.withResolvers<FirstAudio>()
  #decodedAt: number | null = null

  static install(): AudioTimes {
    const times = new AudioTimes()
    const watch = (receiver: RTCRtpReceiver, track: MediaStreamTrack): void => times.#watch(receiver, track)
    const Original = window.RTCPeerConnection
    window.RTCPeerConnection = class extends Original {
      constructor(configuration?: RTCConfiguration) {
        super(configuration)
        this.addEventListener('track', ({ receiver, track }) => {
          if (track.kind === 'audio') watch(receiver, track)
        })
      }
    }
    return times
  }

  /** Forgets what was heard; the next audio counts. */
  reset(): void {
    for (const player of this.#players) player.srcObject = null
    this.#players.clear()
    this.#receivers.clear()
    this.#decodedAt = null
    this.#waiting = Promise.withResolvers()
  }

  get first(): Promise<FirstAudio> {
    return this.#waiting.promise
  }

  #watch(receiver: RTCRtpReceiver, track: MediaStreamTrack): void {
    const player = new Audio()
    player.srcObject = new MediaStream([track])
    void player.play()
    this.#players.add(player)
    this.#receivers.add(receiver)
    this.#poll(receiver)
  }

  /** A source is listed once a frame of it was delivered to the track (W3C webrtc-extensions and webrtc §5.3.2). */
  #poll(receiver: RTCRtpReceiver): void {
    if (!this.#receivers.has(receiver)) return
    const [source] = receiver.getSynchronizationSources()
    if (source !== undefined) this.#decodedAt ??= clock()
    if (this.#decodedAt !== null && (source?.audioLevel ?? 0) > 0) {
      this.#waiting.resolve({ decodedAt: this.#decodedAt, heardAt: clock() })
      return
    }
    setTimeout(() => this.#poll(receiver), pollMs)
  }
}
