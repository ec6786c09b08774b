import { AppError } from '#shared/errors/AppError.ts'
import { toProblem } from '#shared/errors/error-body.ts'
import { newId } from '#shared/ids/ids.ts'
import type { Request } from '#shared/protocol/wapi/frames.ts'
import type { ActiveCall, IncomingInvite } from '#shared/protocol/wapi/hub.ts'
import type { ClientOptions } from '../api/client.ts'
import { RingwayClient } from '../RingwayClient.ts'
import { memoryStorage } from '../session/Memory.ts'
import type { SignalingTiming } from '../signaling/timing.ts'
import { PaperMedia } from './PaperMedia.ts'
import { quickTiming, silentLogger } from './sockets.ts'
import type { Answer, TestConnection } from './TestConnection.ts'
import { TestRoom } from './TestRoom.ts'
import { type RestAnswer, TestServer } from './TestServer.ts'

/** A whole deployment as one user's devices see it: tokens, contacts, hub and rooms. */
export class TestDeployment {
  readonly server: TestServer
  readonly rooms = new Map<string, TestRoom>()
  /** Requests on the hub, as `METHOD /resource`. */
  readonly hubRequests: string[] = []
  readonly tokenRequests: Record<string, unknown>[] = []
  /** By session, what rings and what is on. */
  invites: IncomingInvite[] = []
  calls: ActiveCall[] = []
  hub: TestConnection | undefined
  lifetime = 3600
  /** Access tokens that the REST API does not take. */
  readonly revoked = new Set<string>()
  seq = 0
  /** Prepares a room when it is first heard of. */
  furnish: (room: TestRoom) => void = () => undefined
  readonly #refreshTokens = new Set<string>()
  #issued = 0

  private constructor(server: TestServer) {
    this.server = server
    server.rest = (request) => Promise.resolve(this.#rest(request))
    server.respond = (request, connection) => this.#respond(request, connection)
  }

  static async start(): Promise<TestDeployment> {
    return new TestDeployment(await TestServer.start())
  }

  client(options: Partial<ClientOptions> & { timing?: Partial<SignalingTiming> } = {}): RingwayClient {
    const timing = { ...quickTiming, ...options.timing }
    // The timing of sockets is no public option; tests have no time to lose.
    return new RingwayClient({
      url: `${this.server.url}/`,
      media: new PaperMedia(),
      storage: memoryStorage(),
      logger: silentLogger,
      ...options,
      timing,
    } as ClientOptions)
  }

  room(roomId: string): TestRoom {
    const known = this.rooms.get(roomId)
    if (known !== undefined) return known
    const room = new TestRoom(roomId)
    this.furnish(room)
    this.rooms.set(roomId, room)
    return room
  }

  ring(): IncomingInvite {
    const invite: IncomingInvite = {
      inviteId: newId(),
      roomId: newId(),
      from: { username: 'bob@default', displayName: 'Bob' },
      media: { audio: true, video: true },
      ticket: 'ring-ticket',
      createdAt: 1,
      expiresAt: 30_000,
    }
    this.invites = [...this.invites, invite]
    this.tell('inviteReceived', invite)
    return invite
  }

  tell(event: string, body: unknown): void {
    this.seq += 1
    this.hub?.event(event, body, { seq: this.seq })
  }

  close(): Promise<void> {
    return this.server.close()
  }

  async #respond(request: Request, connection: TestConnection): Promise<Answer | undefined> {
    if (connection.path !== '/wapi/hub') {
      const roomId = decodeURIComponent(connection.path.split('/')[3] ?? '')
      return this.room(roomId).respond(request, connection)
    }
    this.hubRequests.push(`${request.method} ${request.resource}`)
    if (request.resource !== '/sessions') return request.method === 'PUT' ? { body: { expiresAt: 1 } } : {}
    this.hub = connection
    const { sessionId = newId() } = request.body as { sessionId?: string }
    const user = { userId: 'u1', username: 'alice@default', displayName: 'Alice', domain: 'default' }
    return {
      body: {
        resumed: false,
        snapshot: { sessionId, seq: this.seq, user, capabilities: ['audio-call'], invites: this.invites, calls: this.calls },
      },
    }
  }

  #rest({
    method,
    path,
    headers,
    body,
  }: {
    method: string
    path: string
    headers: { authorization?: string }
    body: string
  }): RestAnswer | undefined {
    if (path === '/sapi/o/token') return this.#token(JSON.parse(body) as Record<string, unknown>)
    if (path === '/sapi/o/revoke') return { body: {} }
    const bearer = headers.authorization?.replace('Bearer ', '') ?? ''
    if (this.revoked.has(bearer)) return problem(new AppError('tokenExpired'))
    if (method !== 'GET' || !path.startsWith('/sapi/contacts')) return undefined
    const { searchParams } = new URL(path, this.server.url)
    if (searchParams.get('cursor') === 'two') return { body: [{ id: 'u3', username: 'carol@default' }] }
    return {
      body: [{ id: 'u2', username: 'bob@default', displayName: 'Bob' }],
      headers: { link: `</sapi/contacts?q=${searchParams.get('q') ?? ''}&cursor=two>; rel="next"` },
    }
  }

  #token(request: Record<string, unknown>): RestAnswer {
    this.tokenRequests.push(request)
    if (
      request['grant_type'] === 'refresh_token'
        ? !this.#refreshTokens.delete(String(request['refresh_token']))
        : request['password'] === 'wrong'
    ) {
      return problem(new AppError('invalidGrant'))
    }
    this.#issued += 1
    this.#refreshTokens.add(`refresh-${this.#issued}`)
    return {
      body: {
        access_token: `access-${this.#issued}`,
        refresh_token: `refresh-${this.#issued}`,
        token_type: 'Bearer',
        expires_in: this.lifetime,
      },
    }
  }
}

function problem(error: AppError): RestAnswer {
  return { status: error.status, body: toProblem(error), headers: { 'content-type': 'application/problem+json' } }
}
