import type { AudioLevel } from '#shared/protocol/media.ts'

/** What a room is told of its speakers on this host. */
export interface SpeakerReport {
  /** The dominant speaker, or null while nobody has spoken. */
  readonly active: string | null
  /** Loudest first; who is missing is silent. */
  readonly levels: readonly AudioLevel[]
}

export const noSpeakers: SpeakerReport = { active: null, levels: [] }

/** Who speaks may be said this often, in milliseconds. */
const speakersIntervalMs = 250
/** That the same people got louder or softer may be said this often: each report costs the room a fan-out. */
const levelsIntervalMs = 500

/** Levels are told in steps of this many dB: finer ones nobody sees, and they never stand still. */
const levelStep = 6
/** How much louder, in dB, another worker's dominant speaker must be to take over. */
const takeOverMargin = 6

export interface Voice {
  readonly participantId: string
  /** RFC 6464 level in -dBov. */
  readonly volume: number
}

/**
 * Joins what the room's workers hear. Each worker names its own dominant speaker; among them the
 * loudest counts, and the current one stays unless another is clearly louder.
 */
export function speakerReport(heard: { voices: readonly Voice[]; dominants: readonly string[]; current: string | null }): SpeakerReport {
  const voices = heard.voices.toSorted((a, b) => b.volume - a.volume)
  const volumeOf = (participantId: string): number => voices.find((voice) => voice.participantId === participantId)?.volume ?? -127
  const [loudest = null] = heard.dominants.toSorted((a, b) => volumeOf(b) - volumeOf(a))
  const { current } = heard
  const stays =
    current !== null && heard.dominants.includes(current) && (loudest === null || volumeOf(loudest) <= volumeOf(current) + takeOverMargin)
  return {
    active: stays ? current : loudest,
    levels: voices.map(({ participantId, volume }) => ({ participantId, volume: inSteps(volume) })),
  }
}

/** Milliseconds until `next` may be sent after `sent`; undefined where it says nothing new. */
export function waitBeforeReport(options: { sent: SpeakerReport; sentAt: number; next: SpeakerReport; now: number }): number | undefined {
  const { sent, next } = options
  const volumes = new Map(sent.levels.map(({ participantId, volume }) => [participantId, volume]))
  const samePeople = sent.levels.length === next.levels.length && next.levels.every(({ participantId }) => volumes.has(participantId))
  const sameLevels = samePeople && next.levels.every(({ participantId, volume }) => volumes.get(participantId) === volume)
  if (sent.active === next.active && sameLevels) return undefined
  const interval = sent.active === next.active && samePeople ? levelsIntervalMs : speakersIntervalMs
  return Math.max(0, options.sentAt + interval - options.now)
}

/** Rounded to a step within -127..0; adding 0 turns -0 into 0. */
function inSteps(volume: number): number {
  return Math.max(-127, Math.min(0, Math.round(volume / levelStep) * levelStep)) + 0
}
