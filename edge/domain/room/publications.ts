import type { ErrorCode } from '#shared/errors/codes.ts'
import { kindOfSource, type Source } from '#shared/protocol/media.ts'
import { err, ok, type Result } from '#shared/result/result.ts'
import { ChangeBuilder, type RoomChange } from './change.ts'
import { joinedById, mayModerate, publicationOf } from './queries.ts'
import type { Joined, RoomState } from './state.ts'
import { publicationView } from './views.ts'

/** One publication per participant and source; its id outlives the transports that carry it. */

/** Notes the publication before the host is asked, so that a repeated request names the same one. */
export function beginPublication(
  state: RoomState,
  request: { by: Joined; publicationId: string; source: Source; paused: boolean },
): { change: RoomChange; publicationId: string } {
  const existing = publicationOf(state, request.by.participantId, request.source)
  if (existing !== undefined) return { change: { state, effects: [] }, publicationId: existing.publicationId }
  const change = new ChangeBuilder(state).putPublication({
    publicationId: request.publicationId,
    participantId: request.by.participantId,
    source: request.source,
    kind: kindOfSource[request.source],
    paused: request.paused,
    mediaEpoch: null,
    announced: false,
  })
  return { change: change.build(), publicationId: request.publicationId }
}

/** A host carries it now: others are told, once, and offered it, each time. */
export function publicationCarried(state: RoomState, request: { publicationId: string; mediaEpoch: number; paused: boolean }): RoomChange {
  const publication = state.publications.get(request.publicationId)
  if (publication === undefined) return { state, effects: [] }
  const carried = { ...publication, mediaEpoch: request.mediaEpoch, announced: true, paused: request.paused }
  const change = new ChangeBuilder(state).putPublication(carried)
  if (!publication.announced) change.event('publicationAdded', publicationView(carried))
  else if (publication.paused !== carried.paused) change.event('publicationChanged', publicationView(carried))
  return change.effect({ type: 'offerPublication', publicationId: carried.publicationId }).build()
}

/** The host would not take it. An announced one that moved stays, to be tried again. */
export function publicationRefused(state: RoomState, publicationId: string): RoomChange {
  const publication = state.publications.get(publicationId)
  if (publication === undefined || publication.announced) return { state, effects: [] }
  return new ChangeBuilder(state).removePublication(publicationId).build()
}

export function setPaused(
  state: RoomState,
  request: { participantId: string; source: Source; paused: boolean; by?: string },
): Result<RoomChange, ErrorCode> {
  const publication = publicationOf(state, request.participantId, request.source)
  if (publication === undefined) return err('publicationNotFound')
  const change = new ChangeBuilder(state)
  if (publication.paused !== request.paused) {
    const changed = { ...publication, paused: request.paused }
    change.putPublication(changed)
    if (changed.announced) {
      const by = request.by === undefined ? {} : { by: request.by }
      change.event('publicationChanged', { ...publicationView(changed), ...by })
    }
    change.effect({ type: 'pausePublication', publicationId: changed.publicationId, paused: changed.paused })
  }
  return ok(change.build())
}

/** The owner silences another's microphone. Nothing to silence is no error: it is silent. */
export function muteOther(state: RoomState, request: { by: Joined; participantId: string }): Result<RoomChange, ErrorCode> {
  if (!mayModerate(state, request.by)) return err('notRoomOwner')
  if (joinedById(state, request.participantId) === undefined) return err('participantNotFound')
  if (publicationOf(state, request.participantId, 'microphone') === undefined) return ok({ state, effects: [] })
  return setPaused(state, { participantId: request.participantId, source: 'microphone', paused: true, by: request.by.participantId })
}

export function unpublish(state: RoomState, request: { participantId: string; source: Source }): Result<RoomChange, ErrorCode> {
  const publication = publicationOf(state, request.participantId, request.source)
  if (publication === undefined) return err('publicationNotFound')
  const { publicationId, participantId, announced } = publication
  const change = new ChangeBuilder(state).removePublication(publicationId).effect({ type: 'dropPublication', publicationId })
  if (announced) change.event('publicationRemoved', { publicationId, participantId })
  return ok(change.build())
}
