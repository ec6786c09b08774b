import type { Logger } from '#shared/log/logger.ts'
import { assertNever } from '#shared/result/result.ts'
import type { RoomSignalBody, RoomSignalName } from '#shared/protocol/wapi/room.ts'
import { moveParticipants } from '#edge/domain/room/media.ts'
import { joinedById, joinedOf } from '#edge/domain/room/queries.ts'
import { mergeSpeakers, type Speakers } from '#edge/domain/room/speaker-board.ts'
import type { HostFleet } from './HostFleet.ts'
import type { HostEnd, HostNotification } from './HostLinks.ts'
import type { MediaConductor } from './MediaConductor.ts'
import type { RoomStore } from './RoomStore.ts'

interface Relay {
  readonly store: RoomStore
  readonly fleet: HostFleet
  /** What each host heard last. Lost with the object's memory, and heard again within a second. */
  readonly heard: Map<string, Speakers>
  readonly conductor: MediaConductor
  readonly logger: Logger
  signal<Name extends RoomSignalName>(sessionId: string, name: Name, body: RoomSignalBody<Name>): void
}

/** What a host tells the room, passed on to whom it concerns. */
export function relayNotification(relay: Relay, end: HostEnd, notification: HostNotification): void {
  const { store } = relay
  if (store.current === null || store.current.room.ended !== null) return
  switch (notification.name) {
    case 'speakers':
      relaySpeakers(relay, end, notification.body)
      return
    case 'bandwidth': {
      const publication = store.open.publications.get(notification.body.publicationId)
      const publisher = publication === undefined ? undefined : joinedById(store.open, publication.participantId)
      if (publication === undefined || publisher === undefined) return
      relay.signal(publisher.sessionId, 'bandwidth', { source: publication.source, maxBitrate: notification.body.maxBitrate })
      return
    }
    case 'layers': {
      const { participantId, publicationId, layers } = notification.body
      const subscriber = joinedById(store.open, participantId)
      if (subscriber !== undefined) relay.signal(subscriber.sessionId, 'layers', { publicationId, layers })
      return
    }
    case 'participantsLost':
      store.apply(moveParticipants(store.open, notification.body.participants, 'hostLost'))
      return
    case 'pipesLost':
      relay.conductor
        .rejoin(end.hostId, notification.body.peerHostIds)
        .catch((error: unknown) => relay.logger.warn('room.rejoin-failed', { error }))
      return
    case 'draining':
      relay.fleet.drain(end.hostId).catch((error: unknown) => relay.logger.warn('room.drain-failed', { error }))
      return
    case 'transportState':
      // The client sees its own ICE and reports a failure; until then a resumed path is the likelier end.
      return
    default:
      assertNever(notification)
  }
}

/** Everybody in the room hears who speaks on any of its hosts. */
function relaySpeakers(relay: Relay, end: HostEnd, speakers: Speakers): void {
  const { store, heard } = relay
  heard.set(end.hostId, speakers)
  for (const hostId of heard.keys()) {
    if (!store.open.hosts.has(hostId)) heard.delete(hostId)
  }
  const merged = mergeSpeakers(heard.values(), { isHere: (participantId) => joinedById(store.open, participantId) !== undefined })
  for (const { sessionId } of joinedOf(store.open))
    relay.signal(sessionId, 'speakers', { active: merged.active, levels: [...merged.levels] })
}
