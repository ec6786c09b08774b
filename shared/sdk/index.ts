/// <reference lib="dom" preserve="true" />
/** The public surface of the SDK, `ringway/sdk`. See README.md beside this file. */
export { RingwayClient } from './RingwayClient.ts'
export { RingwayError, type DeviceErrorCode } from './RingwayError.ts'
export { listDevices, onDeviceChange, type Device } from './media/devices.ts'
export type {
  CallOptions,
  ClientEvents,
  ClientOptions,
  ClientState,
  Grant,
  JoinOptions,
  KeyValueStorage,
  LoginProvider,
  ProviderLoginOptions,
  ProviderTokenOptions,
  Session,
  SessionEndReason,
  WebSocketConstructor,
} from './api/client.ts'
export type {
  Call,
  CallEndReason,
  CallEvents,
  CallState,
  CallStats,
  MicrophoneOptions,
  OutgoingInvite,
  RefusedInvite,
  TrackStats,
  VideoOptions,
} from './api/call.ts'
export type { AcceptOptions, IncomingCall, IncomingCallEvents } from './api/incoming-call.ts'
export type { Participant } from './api/participant.ts'
export type { LocalTrack, RemoteTrack } from './api/tracks.ts'
export type { Contact, ContactsQuery, Page } from './api/contacts.ts'
export type { Listen, Unsubscribe } from './api/events.ts'
export type {
  CaptureRequest,
  LocalMedia,
  MediaEngine,
  MediaSession,
  MediaSessionOutput,
  MediaSessionStats,
  PublishRequest,
  RemoteMedia,
  StreamStats,
  TransportStats,
  TransportState,
} from './media/MediaEngine.ts'
export type {
  Direction,
  IceParameters,
  Layers,
  MediaKind,
  RtpCapabilities,
  RtpParameters,
  Source,
  Subscription,
  TransportAnswer,
  TransportKind,
  TransportParameters,
  VideoCodec,
} from '#shared/protocol/media.ts'
export type { Caller, InviteEndReason, OfferedMedia, SessionContext } from '#shared/protocol/wapi/hub.ts'
export type { LeaveReason, MediaParameters, RoomEndReason, RoomKind } from '#shared/protocol/wapi/room.ts'
