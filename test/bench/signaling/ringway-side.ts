import { z } from 'zod'
import { newId } from '#shared/ids/ids.ts'
import type { Event } from '#shared/protocol/wapi/frames.ts'
import { hubEvents } from '#shared/protocol/wapi/hub.ts'
import { joinResultSchema, roomEvents } from '#shared/protocol/wapi/room.ts'
import type { Deployment } from '../deployment/Deployment.ts'
import { WapiSocket } from '../wapi/WapiSocket.ts'
import type { EventPair, InvitePair, SignalingSide } from './side.ts'

/** Devices of one user among the idle sessions. */
const devicesPerUser = 3

const openedSchema = z.object({ snapshot: z.object({ sessionId: z.string() }) })
const createdSchema = z.object({ invites: z.array(z.union([z.object({ invite: z.unknown() }), z.object({ error: z.unknown() })])) })

interface Device {
  readonly hub: WapiSocket
  readonly token: string
  readonly sessionId: string
}

export function ringwaySide(deployment: Deployment): SignalingSide {
  const { url } = deployment
  const visitors = new Map<number, Promise<string>>()

  const visitorToken = (index: number): Promise<string> => {
    const token = visitors.get(index) ?? deployment.anonymousToken().then(({ access_token }) => access_token)
    visitors.set(index, token)
    return token
  }
  const openDevice = async (token: string): Promise<Device> => {
    const hub = await WapiSocket.open({ url, path: '/wapi/hub', token })
    const opened = openedSchema.parse(await hub.request('POST', '/sessions', { sessionId: newId() }))
    return { hub, token, sessionId: opened.snapshot.sessionId }
  }
  const openVisitor = async (): Promise<Device> => openDevice((await deployment.anonymousToken()).access_token)

  return {
    name: 'Ringway',
    pids: { workerd: deployment.pids.workerd, 'edge process': deployment.pids.edge },
    openSession: async (index) => (await openDevice(await visitorToken(Math.floor(index / devicesPerUser)))).hub,

    openEventPair: async (index): Promise<EventPair> => {
      const roomId = `wac-conf${String(index).padStart(20, '0')}`
      const join = async (device: Device): Promise<WapiSocket> => {
        const room = await WapiSocket.open({ url, path: `/wapi/rooms/${roomId}`, token: device.token })
        joinResultSchema.parse(await room.request('POST', `/rooms/${roomId}/participants`, { sessionId: device.sessionId }))
        return room
      }
      const devices = [await openVisitor(), await openVisitor()] as const
      const [teller, hearer] = [await join(devices[0]), await join(devices[1])]
      let locked = false
      return {
        tell: async () => {
          locked = !locked
          const startedAt = performance.now()
          const heard = untilLocked(hearer, locked)
          await Promise.all([teller.request('PATCH', `/rooms/${roomId}`, { locked }), heard])
          return (await heard) - startedAt
        },
        close: () => [teller, hearer, devices[0].hub, devices[1].hub].forEach((socket) => socket.close()),
      }
    },

    openInvitePair: async (index): Promise<InvitePair> => {
      const username = `callee-${index}`
      const account = await deployment.createUser(username)
      const callee = await openDevice((await deployment.passwordToken(account)).access_token)
      const caller = await openVisitor()
      let rangAt = 0
      callee.hub.onEvent((event) => {
        if (event.event !== 'inviteReceived') return
        rangAt = performance.now()
        const { inviteId } = hubEvents.inviteReceived.parse(event.body)
        void callee.hub.request('DELETE', `/invites/${inviteId}`)
      })
      return {
        invite: async () => {
          const startedAt = performance.now()
          const left = caller.hub.next('callLeft')
          const roomId = newId()
          const room = await WapiSocket.open({ url, path: `/wapi/rooms/${roomId}`, token: caller.token })
          const declined = room.next('inviteDeclined')
          const invites = [{ to: username, media: { audio: true, video: false } }]
          const created = createdSchema.parse(await room.request('POST', '/rooms', { sessionId: caller.sessionId, kind: 'call', invites }))
          if (!created.invites.every((one) => 'invite' in one)) throw new Error(`Nobody was rung: ${JSON.stringify(created.invites)}`)
          await declined
          const totalMs = performance.now() - startedAt
          // One call at a time: only then may this user make the next one.
          await left
          room.close()
          return { ringMs: rangAt - startedAt, totalMs }
        },
        close: () => [callee, caller].forEach(({ hub }) => hub.close()),
      }
    },
  }
}

/** When the client heard that the room is locked, or no longer is. */
function untilLocked(socket: WapiSocket, locked: boolean): Promise<number> {
  return new Promise((resolve) => {
    const stop = socket.onEvent((event: Event) => {
      if (event.event !== 'roomChanged' || roomEvents.roomChanged.parse(event.body).locked !== locked) return
      stop()
      resolve(performance.now())
    })
  })
}
