import type { AudioLevel } from '#shared/protocol/media.ts'

/** Who speaks, as one host hears it. */
export interface Speakers {
  /** Participant id of the dominant speaker. */
  readonly active: string | null
  /** Loudest first; who is missing is silent. */
  readonly levels: readonly AudioLevel[]
}

/**
 * What a room of several hosts hears: each host knows only its own participants. The dominant speaker is
 * the loudest of the hosts' dominant ones; who has left is left out.
 */
export function mergeSpeakers(perHost: Iterable<Speakers>, options: { isHere: (participantId: string) => boolean }): Speakers {
  const hosts = [...perHost]
  const levels = hosts
    .flatMap((host) => host.levels)
    .filter(({ participantId }) => options.isHere(participantId))
    .toSorted((a, b) => b.volume - a.volume)
  const candidates = hosts.map(({ active }) => active).filter((active) => active !== null && options.isHere(active))
  const loudest = levels.find(({ participantId }) => candidates.includes(participantId))?.participantId
  return { active: loudest ?? candidates[0] ?? null, levels }
}
