/** One struck note: frequency in hertz, start and length in seconds within the pattern. */
interface Note {
  readonly frequency: number
  readonly at: number
  readonly length: number
  readonly volume: number
}

interface Pattern {
  readonly notes: readonly Note[]
  /** Seconds until it begins anew. */
  readonly every: number
}

const strike = (at: number, frequency: number): Note => ({ at, frequency, length: 0.55, volume: 0.22 })

/** `incoming`: a bright figure, twice, then a rest. `outgoing`: the soft tone that says that it rings far away. */
const patterns = {
  incoming: {
    notes: [0, 0.95].flatMap((start) => [
      strike(start, 659.25),
      strike(start + 0.16, 830.61),
      strike(start + 0.32, 987.77),
      strike(start + 0.48, 830.61),
    ]),
    every: 3.2,
  },
  outgoing: { notes: [{ at: 0, frequency: 425, length: 1.2, volume: 0.045 }], every: 4 },
} as const satisfies Record<string, Pattern>

export type RingPattern = keyof typeof patterns

/** Ring tones made of sine waves: nothing to load, and the volume of a lamp rather than of an alarm. */
export class RingTone {
  readonly #createContext: () => AudioContext
  #context: AudioContext | null = null
  #timer: ReturnType<typeof setInterval> | null = null
  #output: GainNode | null = null
  #playing: RingPattern | null = null

  constructor(createContext: () => AudioContext = () => new AudioContext()) {
    this.#createContext = createContext
  }

  /** Plays until stopped. On a page that nobody has touched yet, browsers keep it silent until somebody does. */
  start(name: RingPattern): void {
    if (this.#playing === name) return
    this.stop()
    this.#playing = name
    try {
      this.#context ??= this.#createContext()
    } catch {
      return // No sound system: the screen alone rings.
    }
    const context = this.#context
    void context.resume().catch(() => {})
    const output = context.createGain()
    output.connect(context.destination)
    this.#output = output
    const pattern: Pattern = patterns[name]
    const round = () => {
      // Notes of a sleeping context would all sound at once when it wakes.
      if (context.state === 'running') for (const note of pattern.notes) play(context, output, note)
    }
    round()
    context.addEventListener('statechange', round, { once: true })
    this.#timer = setInterval(round, pattern.every * 1000)
  }

  stop(): void {
    this.#playing = null
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#timer = null
    this.#output?.disconnect()
    this.#output = null
  }

  /** Stops and gives the sound system back. Idempotent. */
  close(): void {
    this.stop()
    void this.#context?.close().catch(() => {})
    this.#context = null
  }
}

function play(context: AudioContext, output: AudioNode, { frequency, at, length, volume }: Note): void {
  const start = context.currentTime + 0.02 + at
  const oscillator = context.createOscillator()
  const envelope = context.createGain()
  oscillator.frequency.value = frequency
  envelope.gain.setValueAtTime(0, start)
  envelope.gain.linearRampToValueAtTime(volume, start + 0.015)
  envelope.gain.exponentialRampToValueAtTime(0.0001, start + length)
  oscillator.connect(envelope).connect(output)
  oscillator.start(start)
  oscillator.stop(start + length)
}
