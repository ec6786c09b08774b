import type { NotifyRoom } from './room-calls.ts'
import { noSpeakers, type SpeakerReport, speakerReport, type Voice, waitBeforeReport } from './speaker-rule.ts'

interface HeardByWorker {
  voices: readonly Voice[]
  dominant: string | null
}

/** Joins what a room's routers hear into its `speakers` notification. */
export class Speakers {
  readonly #notify: NotifyRoom
  readonly #heard = new Map<object, HeardByWorker>()
  #sent: SpeakerReport = noSpeakers
  #sentAt = 0
  #timer: NodeJS.Timeout | undefined

  constructor(options: { notify: NotifyRoom }) {
    this.#notify = options.notify
  }

  /** `router` is only a key: who hears. */
  setVoices(router: object, voices: readonly Voice[]): void {
    this.#of(router).voices = voices
    this.#report()
  }

  setDominant(router: object, participantId: string): void {
    this.#of(router).dominant = participantId
    this.#report()
  }

  /** The participant's microphone is gone or paused. */
  silence(participantId: string): void {
    for (const heard of this.#heard.values()) {
      heard.voices = heard.voices.filter((voice) => voice.participantId !== participantId)
      if (heard.dominant === participantId) heard.dominant = null
    }
    this.#report()
  }

  forget(router: object): void {
    if (this.#heard.delete(router)) this.#report()
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#heard.clear()
  }

  #of(router: object): HeardByWorker {
    const heard = this.#heard.get(router) ?? { voices: [], dominant: null }
    this.#heard.set(router, heard)
    return heard
  }

  #report(): void {
    clearTimeout(this.#timer)
    const heard = [...this.#heard.values()]
    const next = speakerReport({
      voices: heard.flatMap(({ voices }) => voices),
      dominants: heard.flatMap(({ dominant }) => dominant ?? []),
      current: this.#sent.active,
    })
    const now = performance.now()
    const wait = waitBeforeReport({ sent: this.#sent, sentAt: this.#sentAt, next, now })
    if (wait === undefined) return
    if (wait > 0) {
      this.#timer = setTimeout(() => this.#report(), wait)
      return
    }
    this.#sent = next
    this.#sentAt = now
    this.#notify('speakers', { active: next.active, levels: [...next.levels] })
  }
}
