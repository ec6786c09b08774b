import { z } from 'zod'
import {
  heartbeatSeconds,
  type HostDescription,
  hostDescriptionSchema,
  type HostLoad,
  missedHeartbeats,
} from '#shared/protocol/fleet/host-link.ts'
import { assertNever } from '#shared/result/result.ts'
import type { Timestamp } from '#shared/time/clock.ts'

/**
 * The control connection of one media host, as its MediaHost object sees it.
 *
 *                       hello                      socket closed,
 *   ┌────────┐ ───────────────────▶ ┌───────────┐  sockets gone    ┌─────────┐
 *   │ absent │                      │ connected │ ───────────────▶ │ missing │
 *   └────────┘ ◀─────────────────── └───────────┘ ◀─────────────── └─────────┘
 *        ▲       silent for 6 s: boot lost             hello            │
 *        └──────────────────────────────────────────────────────────────┘
 *                          grace over: boot lost
 *
 * A hello of another boot means, in any state, that the boot before it is lost.
 */

/** A host process whose socket closed may come back for this long: it restarts sockets, not media. */
export const closedGraceMs = 1000
/** After a restart of the edge all sockets are gone at once and all hosts dial again. */
export const restartGraceMs = 5000
/** A host that sent nothing for this long is lost. */
export const silenceMs = heartbeatSeconds * missedHeartbeats * 1000

const bootShape = {
  description: hostDescriptionSchema,
  /** An admin asked this process to drain. */
  drained: z.boolean(),
}

export const hostConnectionSchema = z.discriminatedUnion('state', [
  z.object({ state: z.literal('absent') }),
  z.object({ state: z.literal('connected'), ...bootShape, socketId: z.string(), heardAt: z.number() }),
  z.object({ state: z.literal('missing'), ...bootShape, until: z.number() }),
])

export type HostConnection = z.infer<typeof hostConnectionSchema>

export type HostEvent =
  | { readonly type: 'hello'; readonly socketId: string; readonly description: HostDescription; readonly now: Timestamp }
  | { readonly type: 'load'; readonly socketId: string; readonly load: HostLoad; readonly now: Timestamp }
  | { readonly type: 'socketClosed'; readonly socketId: string; readonly now: Timestamp }
  /** The object woke up and its socket did not: the edge itself was restarted. */
  | { readonly type: 'socketsGone'; readonly now: Timestamp }
  /** Time has passed; `heardAt` is the last sign of life on the socket. */
  | { readonly type: 'tick'; readonly heardAt: Timestamp; readonly now: Timestamp }
  | { readonly type: 'drain' }

export type HostEffect =
  /** All rooms on this host process are to be told. */
  | { readonly type: 'bootLost'; readonly bootId: string }
  | { readonly type: 'closeSocket'; readonly socketId: string; readonly why: 'replaced' | 'silent' }
  /** What the dispatchers know is out of date. */
  | { readonly type: 'tellDispatchers' }
  | { readonly type: 'askToDrain' }

export interface Transition {
  readonly state: HostConnection
  readonly effects: readonly HostEffect[]
}

export const absent: HostConnection = { state: 'absent' }

/** Pure: what an event makes of a connection, and what is to be done about it. */
export function transition(state: HostConnection, event: HostEvent): Transition {
  switch (event.type) {
    case 'hello':
      return greet(state, event)
    case 'load':
      return takeLoad(state, event)
    case 'socketClosed':
      return isCurrent(state, event.socketId) ? miss(state, event.now + closedGraceMs) : { state, effects: [] }
    case 'socketsGone':
      return state.state === 'connected' ? miss(state, event.now + restartGraceMs) : { state, effects: [] }
    case 'tick':
      return tick(state, event)
    case 'drain':
      return drain(state)
    default:
      return assertNever(event)
  }
}

/** When the next `tick` is due; undefined: none needed. */
export function nextTick(state: HostConnection): Timestamp | undefined {
  switch (state.state) {
    case 'absent':
      return undefined
    case 'connected':
      return state.heardAt + silenceMs
    case 'missing':
      return state.until
    default:
      return assertNever(state)
  }
}

/** Whether new rooms may not come, by the host's own word or an admin's. */
export const isDraining = (state: HostConnection): boolean => state.state !== 'absent' && (state.drained || state.description.load.draining)

/** The host process that can be asked now; null while it is not connected. */
export const connectedBoot = (state: HostConnection): string | null => (state.state === 'connected' ? state.description.bootId : null)

type Connected = Extract<HostConnection, { state: 'connected' }>

const isCurrent = (state: HostConnection, socketId: string): state is Connected =>
  state.state === 'connected' && state.socketId === socketId

function greet(state: HostConnection, event: Extract<HostEvent, { type: 'hello' }>): Transition {
  const { description, socketId, now } = event
  const sameBoot = state.state !== 'absent' && state.description.bootId === description.bootId
  const drained = sameBoot && state.drained
  const effects: HostEffect[] = []
  if (state.state !== 'absent' && !sameBoot) effects.push({ type: 'bootLost', bootId: state.description.bootId })
  if (state.state === 'connected' && state.socketId !== socketId) {
    effects.push({ type: 'closeSocket', socketId: state.socketId, why: 'replaced' })
  }
  const greeted: Connected = { state: 'connected', description, drained, socketId, heardAt: now }
  return { state: greeted, effects: [...effects, { type: 'tellDispatchers' }, ...remindOfDrain(greeted)] }
}

function takeLoad(state: HostConnection, event: Extract<HostEvent, { type: 'load' }>): Transition {
  if (!isCurrent(state, event.socketId)) return { state, effects: [] }
  const description = { ...state.description, load: event.load }
  return { state: { ...state, description, heardAt: event.now }, effects: [{ type: 'tellDispatchers' }] }
}

function miss(state: Connected, until: Timestamp): Transition {
  const { description, drained } = state
  return { state: { state: 'missing', description, drained, until }, effects: [{ type: 'tellDispatchers' }] }
}

function tick(state: HostConnection, event: Extract<HostEvent, { type: 'tick' }>): Transition {
  switch (state.state) {
    case 'absent':
      return { state, effects: [] }
    case 'missing':
      if (event.now < state.until) return { state, effects: [] }
      return { state: absent, effects: [{ type: 'bootLost', bootId: state.description.bootId }] }
    case 'connected': {
      const heardAt = Math.max(state.heardAt, event.heardAt)
      if (event.now < heardAt + silenceMs) return { state: { ...state, heardAt }, effects: remindOfDrain(state) }
      return {
        state: absent,
        effects: [
          { type: 'bootLost', bootId: state.description.bootId },
          { type: 'closeSocket', socketId: state.socketId, why: 'silent' },
          { type: 'tellDispatchers' },
        ],
      }
    }
    default:
      return assertNever(state)
  }
}

/** An admin's wish is repeated until the host's load shows it. */
const remindOfDrain = ({ drained, description }: Connected): HostEffect[] =>
  drained && !description.load.draining ? [{ type: 'askToDrain' }] : []

/** Draining belongs to the process: a restarted host takes rooms again. */
function drain(state: HostConnection): Transition {
  if (state.state === 'absent') return { state, effects: [] }
  const ask: HostEffect[] = state.state === 'connected' ? [{ type: 'askToDrain' }] : []
  return { state: { ...state, drained: true }, effects: [{ type: 'tellDispatchers' }, ...ask] }
}
