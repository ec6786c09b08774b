import type { BareServer } from '../peers/bare-ws/BareServer.ts'
import type { RelayMessage } from '../peers/bare-ws/messages.ts'
import type { EventPair, InvitePair, SignalingSide } from './side.ts'

export function bareSide(server: BareServer): SignalingSide {
  return {
    name: 'bare ws server',
    pids: { server: [server.pid] },
    openSession: (index) => server.connect(`idle-${index}`),

    openEventPair: async (index): Promise<EventPair> => {
      const [teller, hearer] = [await server.connect(`teller-${index}`), await server.connect(`hearer-${index}`)]
      const heard = replies()
      hearer.onMessage(heard.handle)
      return {
        tell: async () => {
          const startedAt = performance.now()
          const { id, answer } = heard.expect()
          teller.send({ to: hearer.name, type: 'locked', id })
          await answer
          return performance.now() - startedAt
        },
        close: () => [teller, hearer].forEach((client) => client.close()),
      }
    },

    openInvitePair: async (index): Promise<InvitePair> => {
      const callee = await server.connect(`callee-${index}`)
      const answers = replies()
      let rangAt = 0
      callee.onMessage(({ id, from }) => {
        rangAt = performance.now()
        callee.send({ to: from, type: 'decline', id })
      })
      return {
        // A socket of its own for each call, as Ringway's protocol has it.
        invite: async () => {
          const startedAt = performance.now()
          const { id, answer } = answers.expect()
          const caller = await server.connect(`caller-${index}-${id}`)
          caller.onMessage(answers.handle)
          caller.send({ to: callee.name, type: 'invite', id })
          await answer
          const totalMs = performance.now() - startedAt
          caller.close()
          return { ringMs: rangAt - startedAt, totalMs }
        },
        close: () => callee.close(),
      }
    },
  }
}

/** Matches messages that arrive to those that wait for their number. */
function replies(): { expect: () => { id: number; answer: Promise<void> }; handle: (message: RelayMessage) => void } {
  const waiting = new Map<number, () => void>()
  let nextId = 1
  return {
    expect: () => {
      const id = nextId++
      return { id, answer: new Promise((resolve) => waiting.set(id, resolve)) }
    },
    handle: ({ id }) => {
      waiting.get(id)?.()
      waiting.delete(id)
    },
  }
}
