import { systemClock } from '#shared/time/clock.ts'
import type { CallEvents } from '../api/call.ts'
import { CallController } from '../room/CallController.ts'
import { callMemorySchema } from '../room/CallMemory.ts'
import { RoomConnection } from '../room/RoomConnection.ts'
import { Memory, memoryStorage } from '../session/Memory.ts'
import { PaperMedia } from './PaperMedia.ts'
import { silentLogger, testSockets } from './sockets.ts'
import { TestRoom } from './TestRoom.ts'
import { TestServer } from './TestServer.ts'

const names = [
  'state',
  'participantJoined',
  'participantLeft',
  'participantDown',
  'participantUp',
  'trackAdded',
  'trackRemoved',
  'trackMuted',
  'inviteCreated',
  'inviteEnded',
  'changed',
  'mediaMoved',
  'ended',
  'error',
] as const satisfies readonly (keyof CallEvents)[]

/** A server with one room, and a call of this device in it. */
export class CallBench {
  readonly server: TestServer
  readonly room: TestRoom
  readonly media = new PaperMedia()
  readonly memory = new Memory({ storage: memoryStorage(), key: 'call', schema: callMemorySchema })
  /** Names of the events that the application got, with what they are about. */
  readonly told: string[] = []
  readonly shown: CallController[] = []
  call: CallController

  private constructor(server: TestServer) {
    this.server = server
    this.room = new TestRoom('0199f000-0000-7000-8000-000000000001')
    server.respond = (request, connection) => this.room.respond(request, connection)
    this.call = this.another()
  }

  static async start(): Promise<CallBench> {
    return new CallBench(await TestServer.start())
  }

  /** Another page of the same device. */
  another(): CallController {
    const { roomId } = this.room
    const connection = new RoomConnection({
      roomId,
      sessionId: '0199f000-0000-7000-8000-00000000000a',
      ticket: 'first-ticket',
      sockets: testSockets(this.server),
      logger: silentLogger,
    })
    const call: CallController = new CallController({
      roomId,
      connection,
      engine: this.media,
      user: { username: 'alice@default' },
      memory: this.memory,
      clock: systemClock,
      logger: silentLogger,
      show: () => this.shown.push(call),
    })
    for (const name of names) call.on(name, (payload) => this.told.push(line(name, payload)))
    this.call = call
    return call
  }

  get session() {
    const session = this.media.sessions.at(-1)
    if (session === undefined) throw new TypeError('There is no media session')
    return session
  }

  count(name: TestRoom['asked'][number]): number {
    return this.room.asked.filter((asked) => asked === name).length
  }

  async asked(name: TestRoom['asked'][number], times = 1): Promise<void> {
    await this.server.until(() => this.count(name) >= times)
  }

  async close(): Promise<void> {
    this.call.abandon('left')
    await this.server.close()
  }
}

function line(name: string, payload: unknown): string {
  if (payload === undefined) return name
  if (typeof payload === 'string') return `${name} ${payload}`
  const { participant, track, reason, invite, username, code, id, me, finished } = payload as Record<
    string,
    Record<string, unknown> | undefined
  >
  const about = [
    participant?.['username'] ?? invite?.['id'] ?? username ?? code ?? id,
    track?.['source'],
    reason,
    me === undefined ? undefined : `me=${String(me)} finished=${String(finished)}`,
  ]
  return [name, ...about.filter((part) => part !== undefined)].join(' ')
}
