import { AppError } from '#shared/errors/AppError.ts'
import { directionSchema, kindOfSource, sourceSchema, type Direction, type Source } from '#shared/protocol/media.ts'
import type { RequestOf, ResponseOf } from '#shared/protocol/wapi/operation.ts'
import type { roomOperations } from '#shared/protocol/wapi/room.ts'
import { setPaused, unpublish as removePublication } from '#edge/domain/room/publications.ts'
import { joinedOn, presentOn, type RoomCall, type RoomContext } from './room-context.ts'

type Request<Name extends keyof typeof roomOperations> = RequestOf<(typeof roomOperations)[Name]>
type Response<Name extends keyof typeof roomOperations> = ResponseOf<(typeof roomOperations)[Name]>

/** The service a domain must list for transports keyed by signaling: bots, gateways, load generators. */
const plainRtpService = 'plain-rtp'

export async function openMedia(context: RoomContext, call: RoomCall<Request<'openMedia'>>): Promise<Response<'openMedia'>> {
  const { participantId } = presentOn(context, call.connection)
  if (call.body.kind === 'srtp') {
    const { services } = await context.directory.policyOf(call.connection.identity.domainId)
    if (!services.includes(plainRtpService)) throw new AppError('serviceNotEnabled', { context: { service: plainRtpService } })
  }
  return context.conductor.openMedia(participantId, call.body.kind)
}

export async function declareCapabilities(
  context: RoomContext,
  call: RoomCall<Request<'declareCapabilities'>>,
): Promise<Response<'declareCapabilities'>> {
  const { participantId } = presentOn(context, call.connection)
  return { subscriptions: await context.conductor.declareCapabilities(participantId, call.body) }
}

export async function connectTransport(
  context: RoomContext,
  call: RoomCall<Request<'connectTransport'>>,
): Promise<Response<'connectTransport'>> {
  const { participantId } = presentOn(context, call.connection)
  await context.conductor.connectTransport(participantId, { ...call.body, direction: directionOf(call) })
  return {}
}

export async function restartIce(context: RoomContext, call: RoomCall<Request<'restartIce'>>): Promise<Response<'restartIce'>> {
  const { participantId } = presentOn(context, call.connection)
  return context.conductor.restartIce(participantId, { ...call.body, direction: directionOf(call) })
}

export async function reportFailure(context: RoomContext, call: RoomCall<Request<'reportFailure'>>): Promise<Response<'reportFailure'>> {
  const { participantId } = presentOn(context, call.connection)
  context.conductor.reportFailure(participantId, call.body)
  return {}
}

export async function publish(context: RoomContext, call: RoomCall<Request<'publish'>>): Promise<Response<'publish'>> {
  const participant = joinedOn(context, call.connection)
  const source = sourceOf(call)
  const { rtpParameters } = call.body
  // A source says which kind of media it is; anything else would be carried under a false name.
  const kinds = rtpParameters.codecs.map(({ mimeType }) => mimeType.toLowerCase().split('/')[0])
  if (!kinds.every((kind) => kind === kindOfSource[source])) throw new AppError('mediaRejected', { context: { source } })
  return context.conductor.publish(participant, { ...call.body, source })
}

export async function updatePublication(
  context: RoomContext,
  call: RoomCall<Request<'updatePublication'>>,
): Promise<Response<'updatePublication'>> {
  const { participantId } = joinedOn(context, call.connection)
  context.store.applyOrRefuse(setPaused(context.store.open, { participantId, source: sourceOf(call), paused: call.body.paused }))
  return {}
}

export async function unpublish(context: RoomContext, call: RoomCall<unknown>): Promise<Response<'unpublish'>> {
  const { participantId } = joinedOn(context, call.connection)
  context.store.applyOrRefuse(removePublication(context.store.open, { participantId, source: sourceOf(call) }))
  return {}
}

export async function subscribe(context: RoomContext, call: RoomCall<Request<'subscribe'>>): Promise<Response<'subscribe'>> {
  const { participantId } = joinedOn(context, call.connection)
  return context.conductor.subscribe(participantId, { ...call.body, publicationId: publicationIdOf(call) })
}

export async function updateSubscription(
  context: RoomContext,
  call: RoomCall<Request<'updateSubscription'>>,
): Promise<Response<'updateSubscription'>> {
  const { participantId } = joinedOn(context, call.connection)
  await context.conductor.updateSubscription(participantId, { ...call.body, publicationId: publicationIdOf(call) })
  return {}
}

export async function unsubscribe(context: RoomContext, call: RoomCall<Request<'unsubscribe'>>): Promise<Response<'unsubscribe'>> {
  const { participantId } = joinedOn(context, call.connection)
  await context.conductor.unsubscribe(participantId, { ...call.body, publicationId: publicationIdOf(call) })
  return {}
}

function directionOf(call: RoomCall<unknown>): Direction {
  const direction = directionSchema.safeParse(call.params['direction'])
  if (!direction.success) throw new AppError('unknownResource')
  return direction.data
}

function sourceOf(call: RoomCall<unknown>): Source {
  const source = sourceSchema.safeParse(call.params['source'])
  if (!source.success) throw new AppError('unknownResource')
  return source.data
}

const publicationIdOf = (call: RoomCall<unknown>): string => call.params['publicationId'] ?? ''
