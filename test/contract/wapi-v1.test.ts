import { describe, expect, test } from 'vitest'
import { eventSchema, requestSchema, responseSchema } from '#shared/protocol/wapi/frames.ts'
import { hubEvents, hubOperations } from '#shared/protocol/wapi/hub.ts'
import { matchOperation } from '#shared/protocol/wapi/operation.ts'
import { roomEvents, roomOperations, roomSignals } from '#shared/protocol/wapi/room.ts'

/**
 * Frames of WAPI v1 as its first clients send and expect them. They are never changed: an older client
 * is served as long as its version is (WAPI-1). New fields are optional, old ones stay.
 */

const room = '/rooms/01980000-0000-7000-8000-000000000001'
const session = '01980000-0000-4000-8000-00000000005e'
const participant = { participantId: 'p1', username: 'alice@default', displayName: 'Alice', owner: true, connected: true, joinedAt: 1 }
const invite = {
  inviteId: 'i1',
  from: { participantId: 'p1', username: 'alice@default' },
  to: { username: 'bob@default' },
  media: { audio: true, video: false },
  createdAt: 1,
  expiresAt: 30_001,
}
const snapshot = {
  roomId: room.slice(7),
  callId: 'c1',
  kind: 'call',
  locked: false,
  participantsLimit: 5,
  videoCodec: 'VP8',
  createdAt: 1,
  seq: 2,
  participants: [participant],
  publications: [{ publicationId: 'x1', participantId: 'p1', source: 'microphone', kind: 'audio', paused: false }],
  invites: [invite],
}
const join = { participantId: 'p1', resumed: false, snapshot, mediaEpoch: 1, ticket: 'a.b.c' }
const rtpParameters = {
  mid: '0',
  codecs: [{ mimeType: 'audio/opus', payloadType: 111, clockRate: 48_000, channels: 2, parameters: { useinbandfec: 1 } }],
  headerExtensions: [{ uri: 'urn:ietf:params:rtp-hdrext:sdes:mid', id: 1 }],
  encodings: [{ ssrc: 4_294_967_295, dtx: true }],
  rtcp: { cname: 'c', reducedSize: true },
}
const dtlsParameters = { role: 'client', fingerprints: [{ algorithm: 'sha-256', value: '00:11' }] }

const hubRequests = [
  {
    name: 'openSession',
    frame: { id: '1', method: 'POST', resource: '/sessions', body: { sessionId: session, lastSeq: 4, context: { language: 'en' } } },
  },
  { name: 'openSession', frame: { id: '1', method: 'POST', resource: '/sessions', body: {} } },
  { name: 'updateSession', frame: { id: '2', method: 'PUT', resource: `/sessions/${session}`, body: { token: 'a.b.c' } } },
  { name: 'closeSession', frame: { id: '3', method: 'DELETE', resource: `/sessions/${session}` } },
  { name: 'declineInvite', frame: { id: '4', method: 'DELETE', resource: '/invites/i1' } },
] as const

const roomRequests = [
  { name: 'createRoom', frame: { id: '1', method: 'POST', resource: '/rooms', body: { sessionId: session, invites: [{ to: 'bob' }] } } },
  { name: 'join', frame: { id: '2', method: 'POST', resource: `${room}/participants`, body: { sessionId: session, lastSeq: 7 } } },
  { name: 'updateRoom', frame: { id: '3', method: 'PATCH', resource: room, body: { locked: true } } },
  { name: 'endRoom', frame: { id: '4', method: 'DELETE', resource: room } },
  { name: 'removeParticipant', frame: { id: '5', method: 'DELETE', resource: `${room}/participants/me` } },
  { name: 'muteParticipant', frame: { id: '6', method: 'PATCH', resource: `${room}/participants/p1`, body: { muted: true } } },
  {
    name: 'invite',
    frame: { id: '7', method: 'POST', resource: `${room}/invites`, body: { to: 'bob@b', media: { audio: true, video: true } } },
  },
  { name: 'prepare', frame: { id: '8', method: 'POST', resource: `${room}/invites/i1/candidates`, body: { sessionId: session } } },
  {
    name: 'acceptInvite',
    frame: { id: '9', method: 'PUT', resource: `${room}/invites/i1`, body: { sessionId: session, answer: 'accept' } },
  },
  { name: 'declineInvite', frame: { id: '10', method: 'PATCH', resource: `${room}/invites/i1`, body: { answer: 'decline' } } },
  { name: 'cancelInvite', frame: { id: '11', method: 'DELETE', resource: `${room}/invites/i1` } },
  { name: 'openMedia', frame: { id: '12', method: 'POST', resource: `${room}/media`, body: {} } },
  {
    name: 'declareCapabilities',
    frame: { id: '13', method: 'PUT', resource: `${room}/media`, body: { mediaEpoch: 1, rtpCapabilities: { codecs: [] } } },
  },
  {
    name: 'connectTransport',
    frame: {
      id: '14',
      method: 'PUT',
      resource: `${room}/media/transports/send`,
      body: { mediaEpoch: 1, answer: { kind: 'webrtc', dtlsParameters } },
    },
  },
  { name: 'restartIce', frame: { id: '15', method: 'POST', resource: `${room}/media/transports/recv/ice`, body: { mediaEpoch: 1 } } },
  {
    name: 'reportFailure',
    frame: { id: '16', method: 'POST', resource: `${room}/media/failures`, body: { mediaEpoch: 1, direction: 'recv' } },
  },
  {
    name: 'publish',
    frame: { id: '17', method: 'PUT', resource: `${room}/publications/microphone`, body: { mediaEpoch: 1, rtpParameters } },
  },
  { name: 'updatePublication', frame: { id: '18', method: 'PATCH', resource: `${room}/publications/camera`, body: { paused: true } } },
  { name: 'unpublish', frame: { id: '19', method: 'DELETE', resource: `${room}/publications/screen` } },
  { name: 'subscribe', frame: { id: '20', method: 'PUT', resource: `${room}/subscriptions/x1`, body: { mediaEpoch: 1 } } },
  {
    name: 'updateSubscription',
    frame: {
      id: '21',
      method: 'PATCH',
      resource: `${room}/subscriptions/x1`,
      body: { mediaEpoch: 1, preferredLayers: { spatialLayer: 1 } },
    },
  },
  { name: 'unsubscribe', frame: { id: '22', method: 'DELETE', resource: `${room}/subscriptions/x1`, body: { mediaEpoch: 1 } } },
] as const

describe('requests of a v1 client', () => {
  test.each(hubRequests)('$name on the hub', ({ name, frame }) => {
    const request = requestSchema.parse(frame)
    expect(matchOperation(hubOperations, request).name).toBe(name)
    expect(hubOperations[name].request.safeParse(request.body).success).toBe(true)
  })

  test.each(roomRequests)('$name in a room', ({ name, frame }) => {
    const request = requestSchema.parse(frame)
    expect(matchOperation(roomOperations, request).name).toBe(name)
    expect(roomOperations[name].request.safeParse(request.body).success).toBe(true)
  })
})

describe('what a v1 client expects', () => {
  test('answers', () => {
    expect(responseSchema.parse({ id: '1', status: 200, body: {} }).status).toBe(200)
    expect(
      responseSchema.parse({ id: null, status: 400, body: { code: 'malformedMessage', message: 'm', retryable: false } }).id,
    ).toBeNull()
    expect(roomOperations.join.response.parse(join)).toEqual(join)
    const created = { join, invites: [{ invite }, { error: { code: 'userOffline', message: 'm', retryable: true } }] }
    expect(roomOperations.createRoom.response.parse(created)).toEqual(created)
  })

  const events = {
    roomCreated: { roomId: 'r', callId: 'c' },
    roomChanged: { locked: true, owner: null },
    roomDestroyed: { reason: 'lastParticipant' },
    userJoin: participant,
    userLeft: { participantId: 'p1', reason: 'kicked' },
    userDown: { participantId: 'p1' },
    userUp: { participantId: 'p1' },
    inviteCreated: invite,
    inviteDeclined: { inviteId: 'i1', reason: 'timeout' },
    inviteCompleted: { inviteId: 'i1', participantId: 'p2' },
    publicationAdded: snapshot.publications[0],
    publicationChanged: snapshot.publications[0],
    publicationRemoved: { publicationId: 'x1', participantId: 'p1' },
    mediaMoved: { reason: 'hostLost', participants: [{ participantId: 'p1', mediaEpoch: 2 }] },
  }

  test('every state event of a room, and no other', () => {
    expect(Object.keys(events).toSorted()).toEqual(Object.keys(roomEvents).toSorted())
    for (const [name, schema] of Object.entries(roomEvents)) {
      const body: unknown = Object.entries(events).find(([event]) => event === name)?.[1]
      expect(eventSchema.parse({ seq: 1, event: name, resource: room, body }).event).toBe(name)
      expect(schema.parse(body)).toEqual(body)
    }
  })

  test('signals and hub events', () => {
    const subscription = {
      publicationId: 'x1',
      participantId: 'p1',
      source: 'camera',
      consumerId: 'k1',
      kind: 'video',
      type: 'simulcast',
      rtpParameters,
      publicationPaused: false,
    }
    expect(roomSignals.subscriptionOffered.parse(subscription)).toEqual(subscription)
    expect(roomSignals.speakers.parse({ active: null, levels: [{ participantId: 'p1', volume: -30 }] }).levels).toHaveLength(1)
    const incoming = {
      inviteId: 'i1',
      roomId: 'r',
      from: { username: 'a@b' },
      media: invite.media,
      ticket: 't',
      createdAt: 1,
      expiresAt: null,
    }
    expect(hubEvents.inviteReceived.parse(incoming)).toEqual(incoming)
    expect(hubEvents.inviteEnded.parse({ inviteId: 'i1', roomId: 'r', reason: 'acceptedElsewhere' }).reason).toBe('acceptedElsewhere')
  })
})
