import type { ParamsOf } from '#shared/protocol/fleet/frames.ts'
import type { RoomProcedureName, roomProcedures } from '#shared/protocol/fleet/room-link.ts'
import type { LaneKeys } from './Lanes.ts'

type LanesOf = { readonly [Name in RoomProcedureName]: (params: ParamsOf<(typeof roomProcedures)[Name]>) => LaneKeys }

const room = 'room'
const participant = (id: string): string => `participant:${id}`
const publication = (id: string): string => `publication:${id}`
const pipe = (peerHostId: string): string => `pipe:${peerHostId}`

const ofParticipant = (params: { participantId: string }): LaneKeys => ({ holds: [participant(params.participantId)], after: [room] })
const ofPipe = (params: { peerHostId: string }): LaneKeys => ({ holds: [pipe(params.peerHostId)], after: [room] })
const ofPublication = (params: { publicationId: string }): LaneKeys => ({ holds: [publication(params.publicationId)], after: [room] })

/**
 * What each question on a room link must come after. A participant's own questions keep their order
 * (connect and publish arrive back to back), everything waits for the room to be open, and whoever
 * uses a publication waits until it is made but not for its other users.
 */
export const lanesOf: LanesOf = {
  openRoom: () => ({ holds: [room] }),
  closeRoom: () => ({ holds: [room] }),

  openParticipant: ofParticipant,
  connectTransport: ofParticipant,
  restartIce: ofParticipant,
  setCapabilities: ofParticipant,
  closeParticipant: ofParticipant,

  publish: (params) => ({ holds: [participant(params.participantId), publication(params.publicationId)], after: [room] }),
  updatePublication: ofPublication,
  unpublish: ofPublication,

  subscribe: (params) => ({ holds: [participant(params.participantId)], after: [room, publication(params.publicationId)] }),
  updateSubscription: ofParticipant,
  unsubscribe: ofParticipant,

  openPipe: ofPipe,
  connectPipe: ofPipe,
  closePipe: ofPipe,
  sendToPipe: (params) => ({ holds: [pipe(params.peerHostId)], after: [room, publication(params.publicationId)] }),
  receiveFromPipe: (params) => ({ holds: [publication(params.publicationId)], after: [room, pipe(params.peerHostId)] }),
}
