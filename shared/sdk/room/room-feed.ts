import type { CallEndReason } from '../api/call.ts'
import { RingwayError } from '../RingwayError.ts'
import type { CallMedia } from './CallMedia.ts'
import type { CallModel } from './CallModel.ts'
import type { NamedEvent, NamedSignal } from './RoomConnection.ts'

/** What the room's events and signals change. */
export interface RoomFeed {
  readonly model: CallModel
  readonly media: CallMedia | null
  isMe(participantId: string): boolean
  ended(reason: CallEndReason): void
  /** `dead`: what these participants' media ran on carries nothing any more. */
  moved(participants: readonly { participantId: string; mediaEpoch: number }[], options: { dead: boolean }): void
  report(error: RingwayError): void
}

export function applyEvent({ name, body }: NamedEvent, feed: RoomFeed): void {
  const { model, media } = feed
  switch (name) {
    case 'roomCreated':
      return
    case 'roomChanged':
      return model.handleRoomChanged(body)
    case 'roomDestroyed':
      return feed.ended(body.reason)
    case 'userJoin':
      return model.handleJoined(body)
    case 'userLeft':
      return feed.isMe(body.participantId) ? feed.ended(body.reason) : model.handleLeft(body.participantId, body.reason)
    case 'userDown':
      return model.handleConnected(body.participantId, false)
    case 'userUp':
      return model.handleConnected(body.participantId, true)
    case 'inviteCreated':
      return model.handleInviteCreated(body)
    case 'inviteDeclined':
      return model.handleInviteEnded(body.inviteId, body.reason)
    case 'inviteCompleted':
      return model.handleInviteEnded(body.inviteId, 'accepted')
    case 'publicationAdded':
      return feed.isMe(body.participantId) ? undefined : model.handlePublished(body)
    case 'publicationChanged':
      if (!feed.isMe(body.participantId)) return model.handlePublished(body)
      // What we did ourselves is known here; its echo may come later than what we did next.
      return body.by === undefined ? undefined : media?.handlePaused(body.source, body.paused)
    case 'publicationRemoved':
      media?.handleRemoved(body.publicationId)
      return model.handleUnpublished(body.publicationId)
    case 'mediaMoved':
      return feed.moved(body.participants, { dead: body.reason !== 'drain' })
  }
}

export function applySignal({ name, body }: NamedSignal, feed: RoomFeed): void {
  const { model, media } = feed
  switch (name) {
    case 'subscriptionOffered':
      return media?.handleOffered(body)
    case 'subscriptionClosed':
      return media?.handleClosed(body.publicationId)
    case 'bandwidth':
      return media?.handleBandwidth(body)
    case 'speakers':
      return model.handleSpeakers(body)
    case 'layers':
      return model.handleLayers(body.publicationId, body.layers)
    case 'error':
      return feed.report(new RingwayError(body))
  }
}
