import type { ParamsOf, ResultOf } from '#shared/protocol/fleet/frames.ts'
import type {
  RoomLinkNotificationBody,
  RoomLinkNotificationName,
  RoomProcedureName,
  roomProcedures,
} from '#shared/protocol/fleet/room-link.ts'

/** What a room asks with a procedure, without the epoch: that is settled before a question gets here. */
export type Params<Name extends RoomProcedureName> = Omit<ParamsOf<(typeof roomProcedures)[Name]>, 'epoch'>
export type Answer<Name extends RoomProcedureName> = ResultOf<(typeof roomProcedures)[Name]>

/** How a host's room speaks to the Room object. Nothing is promised to arrive. */
export type NotifyRoom = <Name extends RoomLinkNotificationName>(name: Name, body: RoomLinkNotificationBody<Name>) => void
