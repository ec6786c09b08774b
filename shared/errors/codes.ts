/**
 * Every error that leaves Ringway, with the HTTP status it maps to and whether the same request may
 * succeed later. Codes are public API: they are added, never renamed.
 */
export const errorTable = {
  // The message itself.
  malformedMessage: { status: 400, retryable: false, message: 'The message is not valid JSON of the expected shape.' },
  invalidRequest: { status: 400, retryable: false, message: 'The request does not match its schema.' },
  payloadTooLarge: { status: 413, retryable: false, message: 'The message is larger than allowed.' },
  requestTimeout: { status: 408, retryable: true, message: 'The request did not arrive in time.' },
  uriTooLong: { status: 414, retryable: false, message: 'The URL is longer than allowed.' },
  headersTooLarge: { status: 431, retryable: false, message: 'The headers are larger than allowed.' },
  unknownResource: { status: 404, retryable: false, message: 'There is no such resource.' },
  unsupportedMethod: { status: 405, retryable: false, message: 'The resource does not support this method.' },
  unsupportedVersion: { status: 426, retryable: false, message: 'No common protocol version.' },
  sessionRequired: { status: 409, retryable: false, message: 'Open a session on this connection first.' },
  rateLimited: { status: 429, retryable: true, message: 'Too many requests.' },

  // Identity and tenancy.
  unauthenticated: { status: 401, retryable: false, message: 'A valid access token is required.' },
  tokenExpired: { status: 401, retryable: false, message: 'The access token has expired.' },
  tokenRevoked: { status: 401, retryable: false, message: 'The access token has been revoked.' },
  forbidden: { status: 403, retryable: false, message: 'This identity may not do that.' },
  insufficientScope: { status: 403, retryable: false, message: 'The access token is not good for this API.' },
  serviceNotEnabled: { status: 403, retryable: false, message: 'The domain does not list this service.' },
  notFound: { status: 404, retryable: false, message: 'Not found.' },
  preconditionFailed: { status: 412, retryable: false, message: 'What is stored is not what the request expects it to be.' },
  idempotencyKeyReused: { status: 422, retryable: false, message: 'The idempotency key belongs to another request.' },
  idempotencyInProgress: { status: 409, retryable: true, message: 'A request with this idempotency key is still being carried out.' },
  conflict: { status: 409, retryable: false, message: 'The request conflicts with what is stored.' },
  invalidGrant: { status: 400, retryable: false, message: 'The grant is invalid, expired or revoked.' },
  invalidClient: { status: 401, retryable: false, message: 'The client could not be authenticated.' },
  unauthorizedClient: { status: 400, retryable: false, message: 'The client may not use this grant.' },
  wrongPassword: { status: 403, retryable: false, message: 'The current password is wrong.' },
  poolExhausted: { status: 409, retryable: true, message: 'All accounts for visitors are lent; try again when one has been given back.' },
  unsupportedGrantType: { status: 400, retryable: false, message: 'The grant type is not supported.' },
  federationExpired: { status: 400, retryable: false, message: 'The login was not finished in time, or not in the browser that began it.' },
  federationRefused: { status: 403, retryable: false, message: 'The login provider has refused, or the user has.' },
  federationInvalid: { status: 400, retryable: false, message: "The login provider's word is not valid." },
  federationUnavailable: { status: 503, retryable: true, message: 'The login provider cannot be reached.' },
  audienceUnproven: { status: 400, retryable: false, message: 'The provider does not say for whom the token was made.' },
  accountUnknown: { status: 403, retryable: false, message: 'No account belongs to this identity.' },
  accountTaken: { status: 409, retryable: false, message: 'An account of this name exists and is not linked to this identity.' },
  invalidScope: { status: 400, retryable: false, message: 'The scope is invalid.' },

  // Rooms.
  roomNotFound: { status: 404, retryable: false, message: 'There is no such room, or it is not open to this identity.' },
  roomExists: { status: 409, retryable: false, message: 'A room of this id is already open.' },
  roomFull: { status: 409, retryable: true, message: 'The room has reached its participants limit.' },
  roomLocked: { status: 423, retryable: true, message: 'The room is locked.' },
  roomEnded: { status: 410, retryable: false, message: 'The room has ended.' },
  notParticipant: { status: 403, retryable: false, message: 'Only a participant of the room may do that.' },
  notRoomOwner: { status: 403, retryable: false, message: 'Only the owner of the room may do that.' },
  participantNotFound: { status: 404, retryable: false, message: 'There is no such participant.' },
  meetingNotStarted: { status: 403, retryable: false, message: 'The meeting has not begun yet.' },
  meetingEnded: { status: 410, retryable: false, message: 'The meeting is over.' },
  inACall: { status: 409, retryable: true, message: 'A user in a call may not create another room.' },

  // Invites.
  userUnknown: { status: 404, retryable: false, message: 'There is no such user.' },
  userOffline: { status: 409, retryable: true, message: 'The user has no device online.' },
  userBusy: { status: 409, retryable: true, message: 'The user is in another call.' },
  userUnreachable: { status: 404, retryable: true, message: 'The user cannot be reached.' },
  alreadyParticipant: { status: 409, retryable: false, message: 'The user is already in the room.' },
  alreadyInvited: { status: 409, retryable: false, message: 'The user is already being rung for this room.' },
  inviteNotFound: { status: 404, retryable: false, message: 'There is no such invite.' },
  inviteAcceptedElsewhere: { status: 409, retryable: false, message: 'Another device has accepted the invite.' },
  inviteEnded: { status: 410, retryable: false, message: 'The invite is no longer ringing.' },

  // Media.
  mediaUnavailable: { status: 503, retryable: true, message: 'No media host can serve the room now.' },
  mediaMoved: { status: 409, retryable: true, message: "The participant's media has moved; negotiate with the current mediaEpoch." },
  mediaRejected: { status: 422, retryable: false, message: 'The media host refused the parameters.' },
  publicationNotFound: { status: 404, retryable: false, message: 'There is no such publication.' },
  codecNotSupported: { status: 422, retryable: false, message: 'The publication cannot be received with the declared capabilities.' },

  // Fleet.
  hostUnknown: { status: 404, retryable: false, message: 'There is no such media host.' },
  staleEpoch: { status: 409, retryable: false, message: 'The request carries an epoch that is no longer current.' },
  enrolmentRefused: { status: 403, retryable: false, message: 'The enrolment secret is wrong.' },

  // Faults.
  timeout: { status: 504, retryable: true, message: 'The operation took too long.' },
  unavailable: { status: 503, retryable: true, message: 'The service is not available now.' },
  internal: { status: 500, retryable: true, message: 'An internal error occurred.' },
} as const satisfies Record<string, { status: ErrorStatus; retryable: boolean; message: string }>

export type ErrorStatus = 400 | 401 | 403 | 404 | 405 | 408 | 409 | 410 | 412 | 413 | 414 | 422 | 423 | 426 | 429 | 431 | 500 | 503 | 504

export type ErrorCode = keyof typeof errorTable

export const isErrorCode = (value: unknown): value is ErrorCode => typeof value === 'string' && Object.hasOwn(errorTable, value)
