import type { RtpCapabilities, TransportKind } from '#shared/protocol/media.ts'
import type { RoomEventBody } from '#shared/protocol/wapi/room.ts'
import type { Timestamp } from '#shared/time/clock.ts'
import { ChangeBuilder, type RoomChange } from './change.ts'
import { presentById, presentOf } from './queries.ts'
import { maxHosts, type Host, type Present, type RoomState } from './state.ts'

/**
 * Where media is. A host only executes; this is the truth. Whatever moves gets a new epoch, and whoever
 * is moved must negotiate again with it, while ids of participants and publications stay.
 */

type MoveReason = RoomEventBody<'mediaMoved'>['reason']

/**
 * The host for a participant that has none: the first serving one with room, else null: ask for a new one.
 * Rooms stay together as long as they can, since every further host costs a pipe per stream.
 */
export function hostWithRoom(state: RoomState): Host | null {
  const perHost = state.room.settings.media.participantsPerHost
  const serving = [...state.hosts.values()].filter((host) => !host.draining)
  const loads = serving.map((host) => ({
    host,
    load: presentOf(state).filter((participant) => participant.media?.hostId === host.hostId).length,
  }))
  const free = loads.find(({ load }) => load < perHost)
  if (free !== undefined) return free.host
  if (serving.length < maxHosts) return null
  return loads.toSorted((a, b) => a.load - b.load)[0]?.host ?? null
}

export function addHost(state: RoomState, hostId: string): RoomChange {
  if (state.hosts.has(hostId)) return { state, effects: [] }
  return new ChangeBuilder(state).putHost({ hostId, bootId: null, draining: false, downSince: null, since: state.room.epoch }).build()
}

/** The host has the room open on a socket. */
export function hostUp(state: RoomState, hostId: string, bootId: string): RoomChange {
  const host = state.hosts.get(hostId)
  if (host === undefined || (host.bootId === bootId && host.downSince === null)) return { state, effects: [] }
  const change = new ChangeBuilder(state).putHost({ ...host, bootId, downSince: null })
  if (host.downSince !== null && !host.draining) change.alarm(`host:${hostId}`, null)
  return change.build()
}

/** The room has no socket of the host: it is looked at again at `checkAt`. */
export function hostDown(state: RoomState, hostId: string, times: { now: Timestamp; checkAt: Timestamp }): RoomChange {
  const host = state.hosts.get(hostId)
  if (host === undefined || host.draining) return { state, effects: [] }
  return new ChangeBuilder(state)
    .putHost({ ...host, downSince: host.downSince ?? times.now })
    .alarm(`host:${hostId}`, times.checkAt)
    .build()
}

export function checkHostAt(state: RoomState, hostId: string, at: Timestamp): RoomChange {
  if (!state.hosts.has(hostId)) return { state, effects: [] }
  return new ChangeBuilder(state).alarm(`host:${hostId}`, at).build()
}

export function assignHost(state: RoomState, participantId: string, options: { hostId: string; kind: TransportKind }): RoomChange {
  const participant = presentById(state, participantId)
  if (participant === undefined) return { state, effects: [] }
  const media = { hostId: options.hostId, transportKind: options.kind, rtpCapabilities: participant.media?.rtpCapabilities ?? null }
  return new ChangeBuilder(state).put({ ...participant, media }).build()
}

export function declareCapabilities(state: RoomState, participantId: string, rtpCapabilities: RtpCapabilities): RoomChange {
  const participant = presentById(state, participantId)
  if (participant?.media == null) return { state, effects: [] }
  return new ChangeBuilder(state).put({ ...participant, media: { ...participant.media, rtpCapabilities } }).build()
}

/** The host process is gone, and with it the media of everybody on it. */
export function hostLost(state: RoomState, hostId: string): RoomChange {
  if (!state.hosts.has(hostId)) return { state, effects: [] }
  const change = new ChangeBuilder(state).removeHost(hostId).alarm(`host:${hostId}`, null)
  move(change, { who: onHost(state, hostId), reason: 'hostLost' })
  return change.effect({ type: 'closePipes', hostId }).build()
}

/** The host wants to go: nobody new is put there. */
export function hostDraining(state: RoomState, hostId: string): RoomChange {
  const host = state.hosts.get(hostId)
  if (host === undefined || host.draining) return { state, effects: [] }
  return new ChangeBuilder(state).putHost({ ...host, draining: true }).build()
}

/** Another host can take over from the draining one: everybody there moves, before it goes. */
export function leaveDrainingHost(state: RoomState, hostId: string): RoomChange {
  const change = new ChangeBuilder(state)
  move(change, { who: onHost(state, hostId), reason: 'drain' })
  return change.build()
}

/** What was on the host has moved on. */
export function dropHost(state: RoomState, hostId: string): RoomChange {
  if (!state.hosts.has(hostId)) return { state, effects: [] }
  return new ChangeBuilder(state)
    .removeHost(hostId)
    .alarm(`host:${hostId}`, null)
    .effect({ type: 'closePipes', hostId })
    .effect({ type: 'dropHost', hostId })
    .build()
}

/** These participants' media is broken though their host lives: a media worker died, or their ICE failed for good. */
export function moveParticipants(state: RoomState, participantIds: readonly string[], reason: MoveReason): RoomChange {
  const who = participantIds.map((id) => presentById(state, id)).filter((participant) => participant !== undefined)
  const change = new ChangeBuilder(state)
  for (const { participantId, media } of who) {
    if (media?.hostId) change.effect({ type: 'dropParticipant', hostId: media.hostId, participantId })
  }
  move(change, { who, reason })
  return change.build()
}

const onHost = (state: RoomState, hostId: string): Present[] =>
  presentOf(state).filter((participant) => participant.media?.hostId === hostId)

function move(change: ChangeBuilder, request: { who: readonly Present[]; reason: MoveReason }): void {
  if (request.who.length === 0) return
  const epoch = change.state.room.epoch + 1
  change.setRoom({ epoch })
  for (const participant of request.who) {
    const media = participant.media === null ? null : { ...participant.media, hostId: null, rtpCapabilities: null }
    change.put({ ...participant, mediaEpoch: epoch, media })
  }
  const joined = request.who.filter((participant) => participant.state === 'joined')
  if (joined.length === 0) return
  change.event('mediaMoved', {
    reason: request.reason,
    participants: joined.map(({ participantId }) => ({ participantId, mediaEpoch: epoch })),
  })
}
