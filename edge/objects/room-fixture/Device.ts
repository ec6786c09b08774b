import { env } from 'cloudflare:workers'
import { policyHeader, roomHeader, toHeader, identityHeader } from '#edge/domain/forwarding.ts'
import { roomName } from '#edge/domain/object-names.ts'
import { resolveSettings } from '#edge/domain/settings.ts'
import type { Env } from '#edge/env.ts'
import { room as roomStub, userHub } from '#edge/services/stubs.ts'
import type { Event } from '#shared/protocol/wapi/frames.ts'
import { hubEvents, openSessionResponseSchema, type IncomingInvite } from '#shared/protocol/wapi/hub.ts'
import { joinResultSchema } from '#shared/protocol/wapi/room.ts'
import { SocketClient } from '../kit/fixture/client.ts'
import { identityOf, type PersonName, settingsLayerOf } from './people.ts'

export const edge = env as unknown as Env

export interface Answer {
  readonly status: number
  readonly body: unknown
}

/** A socket to a room, as a device holds it. */
export class RoomSocket {
  readonly client: SocketClient
  readonly roomId: string
  readonly sessionId: string
  #requests = 0

  constructor(options: { client: SocketClient; roomId: string; sessionId: string }) {
    this.client = options.client
    this.roomId = options.roomId
    this.sessionId = options.sessionId
  }

  async request(method: string, resource: string, body?: unknown, id = `r${++this.#requests}-${crypto.randomUUID()}`): Promise<Answer> {
    const answer = await this.client.request({ id, method, resource: resource.replace(':roomId', this.roomId), body })
    return answer as Answer
  }

  create(options: { to?: string[]; kind?: 'call' | 'conference'; id?: string } = {}): Promise<Answer> {
    const invites = (options.to ?? []).map((to) => ({ to }))
    const body = { sessionId: this.sessionId, invites, ...(options.kind === undefined ? {} : { kind: options.kind }) }
    return this.request('POST', '/rooms', body, options.id)
  }

  join(lastSeq?: number): Promise<Answer> {
    return this.request('POST', '/rooms/:roomId/participants', { sessionId: this.sessionId, ...(lastSeq === undefined ? {} : { lastSeq }) })
  }

  accept(inviteId: string): Promise<Answer> {
    return this.request('PUT', `/rooms/:roomId/invites/${inviteId}`, { sessionId: this.sessionId, answer: 'accept' })
  }

  invite(to: string, id?: string): Promise<Answer> {
    return this.request('POST', '/rooms/:roomId/invites', { to }, id)
  }

  leave(): Promise<Answer> {
    return this.request('DELETE', '/rooms/:roomId/participants/me')
  }

  /** The next event of this name. */
  async event(name: string): Promise<Event> {
    return (await this.client.next((message) => isEvent(message) && message.event === name)) as Event
  }

  /** Events that came and were not asked for. */
  get events(): string[] {
    return this.client.untaken.filter(isEvent).map(({ event }) => event)
  }
}

const isEvent = (message: unknown): message is Event => typeof message === 'object' && message !== null && 'event' in message

/** One device of a person: a hub socket, and sockets to rooms. */
export class Device {
  readonly name: PersonName
  readonly number: number
  readonly sessionId = crypto.randomUUID()
  #hub: SocketClient | undefined

  constructor(name: PersonName, number = 1) {
    this.name = name
    this.number = number
  }

  static async online(name: PersonName, number = 1): Promise<Device> {
    const device = new Device(name, number)
    await device.goOnline()
    return device
  }

  get identity() {
    return identityOf(this.name, this.number)
  }

  get hub(): SocketClient {
    if (this.#hub === undefined) throw new Error(`${this.name} is not online`)
    return this.#hub
  }

  get #settings() {
    return resolveSettings({ deployment: {}, chain: [settingsLayerOf(this.name)] })
  }

  async goOnline() {
    const { identity } = this
    const policy = { capabilities: { services: ['callcontrol'], domain: [], user: [] } }
    this.#hub = await connect(userHub(edge, identity), { [identityHeader]: toHeader(identity), [policyHeader]: toHeader(policy) })
    const answer = await this.#hub.request({ id: 'open', method: 'POST', resource: '/sessions', body: { sessionId: this.sessionId } })
    return openSessionResponseSchema.parse((answer as Answer).body)
  }

  async ringing(): Promise<IncomingInvite> {
    const event = (await this.hub.next((message) => isEvent(message) && message.event === 'inviteReceived')) as Event
    return hubEvents.inviteReceived.parse(event.body)
  }

  async inviteEnded(): Promise<unknown> {
    return ((await this.hub.next((message) => isEvent(message) && message.event === 'inviteEnded')) as Event).body
  }

  /** A socket to a room of one's own domain by its id, or with a ticket to any room. */
  async room(roomId: string, options: { name?: string; via?: 'own' | 'ticket' } = {}): Promise<RoomSocket> {
    const { identity } = this
    const name = options.name ?? roomName(identity.domainId, roomId)
    const entry = { room: name, roomId, settings: this.#settings, via: options.via ?? 'own' }
    const client = await connect(roomStub(edge, { room: name }), { [identityHeader]: toHeader(identity), [roomHeader]: toHeader(entry) })
    return new RoomSocket({ client, roomId, sessionId: this.sessionId })
  }
}

async function connect(
  stub: { fetch(input: string, init?: RequestInit): Promise<Response> },
  headers: Record<string, string>,
): Promise<SocketClient> {
  const response = await stub.fetch('https://object/', {
    headers: { upgrade: 'websocket', 'sec-websocket-protocol': 'ringway.v1', ...headers },
  })
  if (response.webSocket === null) throw new Error(`Not upgraded: ${response.status} ${await response.text()}`)
  return new SocketClient(response.webSocket)
}

/** A call of two, with both sockets. */
export async function callOfTwo(caller: Device, callee: Device) {
  const roomId = crypto.randomUUID()
  const callerSocket = await caller.room(roomId)
  const created = await callerSocket.create({ to: [callee.identity.username] })
  if (created.status !== 201) throw new Error(JSON.stringify(created))
  const invite = await callee.ringing()
  const calleeSocket = await callee.room(roomId, { name: roomName(caller.identity.domainId, roomId), via: 'ticket' })
  const accepted = await calleeSocket.accept(invite.inviteId)
  if (accepted.status !== 200) throw new Error(JSON.stringify(accepted))
  return {
    roomId,
    callerSocket,
    calleeSocket,
    invite,
    joined: joinResultSchema.parse(accepted.body),
    stub: roomStub(edge, { room: roomName(caller.identity.domainId, roomId) }),
  }
}
