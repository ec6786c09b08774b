import type { types } from 'mediasoup'
import type { MediaWorker } from './MediaWorker.ts'
import type { Speakers } from './Speakers.ts'

/** Speakers told of at once; more than that nobody follows. */
const loudestCount = 8
/** RFC 6464 level in -dBov below which a voice counts as silence. */
const silenceThreshold = -60
/** Milliseconds between two looks at the levels: the shortest the worker offers. */
const levelInterval = 250

/** A room's router on one worker, and the observers that listen to the microphones published there. */
export class RoomRouter {
  readonly worker: MediaWorker
  readonly router: types.Router
  readonly #activeSpeaker: types.ActiveSpeakerObserver
  readonly #levels: types.AudioLevelObserver
  readonly #speakers: Speakers
  /** Participant of each microphone's producer. */
  readonly #talkers = new Map<string, string>()

  static async create(options: { worker: MediaWorker; codecs: types.RouterRtpCodecCapability[]; speakers: Speakers }): Promise<RoomRouter> {
    const router = await options.worker.createRouter(options.codecs)
    try {
      const [activeSpeaker, levels] = await Promise.all([
        router.createActiveSpeakerObserver(),
        router.createAudioLevelObserver({ maxEntries: loudestCount, threshold: silenceThreshold, interval: levelInterval }),
      ])
      return new RoomRouter({ ...options, router, activeSpeaker, levels })
    } catch (error) {
      router.close()
      throw error
    }
  }

  private constructor(parts: {
    worker: MediaWorker
    router: types.Router
    activeSpeaker: types.ActiveSpeakerObserver
    levels: types.AudioLevelObserver
    speakers: Speakers
  }) {
    this.worker = parts.worker
    this.router = parts.router
    this.#activeSpeaker = parts.activeSpeaker
    this.#levels = parts.levels
    this.#speakers = parts.speakers
    this.#levels.on('volumes', (volumes) => {
      this.#speakers.setVoices(
        this,
        volumes.flatMap(({ producer, volume }) => {
          const participantId = this.#talkers.get(producer.id)
          return participantId === undefined ? [] : [{ participantId, volume }]
        }),
      )
    })
    this.#levels.on('silence', () => this.#speakers.setVoices(this, []))
    this.#activeSpeaker.on('dominantspeaker', ({ producer }) => {
      const participantId = this.#talkers.get(producer.id)
      if (participantId !== undefined) this.#speakers.setDominant(this, participantId)
    })
    this.router.observer.once('close', () => this.#speakers.forget(this))
  }

  get closed(): boolean {
    return this.router.closed
  }

  /** Listens to a microphone published on this router, until it closes. */
  async listenTo(producer: types.Producer, options: { participantId: string }): Promise<void> {
    const { participantId } = options
    this.#talkers.set(producer.id, participantId)
    producer.observer.once('close', () => {
      this.#talkers.delete(producer.id)
      this.#speakers.silence(participantId)
    })
    producer.observer.on('pause', () => this.#speakers.silence(participantId))
    const { id: producerId } = producer
    await Promise.all([this.#activeSpeaker.addProducer({ producerId }), this.#levels.addProducer({ producerId })])
  }

  close(): void {
    this.router.close()
  }
}
