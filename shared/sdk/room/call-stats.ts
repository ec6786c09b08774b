import type { Timestamp } from '#shared/time/clock.ts'
import type { CallStats, TrackStats } from '../api/call.ts'
import type { MediaSessionStats } from '../media/MediaEngine.ts'
import type { ParticipantModel } from './ParticipantModel.ts'

/** The figures of a media session under the names that applications know: participants, sources, publications. */
export function callStatsOf(
  stats: MediaSessionStats | null,
  call: { me: ParticipantModel; participants: Iterable<ParticipantModel> },
  at: Timestamp,
): CallStats {
  if (stats === null) return { at, tracks: [], transports: [] }
  const tracks: TrackStats[] = []
  for (const [source, stream] of stats.publications) {
    const kind = source === 'camera' || source === 'screen' ? 'video' : 'audio'
    tracks.push({ direction: 'send', source, kind, participantId: call.me.id, publicationId: null, ...stream })
  }
  for (const participant of call.participants) {
    for (const track of participant.tracks.values()) {
      if (track.isLocal) continue
      const stream = stats.subscriptions.get(track.publicationId)
      if (stream === undefined) continue
      const { source, kind, publicationId } = track
      tracks.push({ direction: 'recv', source, kind, participantId: participant.id, publicationId, ...stream })
    }
  }
  return { at, tracks, transports: stats.transports }
}
