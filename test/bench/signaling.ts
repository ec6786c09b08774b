import { Deployment } from './deployment/Deployment.ts'
import type { Bench } from './kit/bench.ts'
import type { Report } from './kit/report.ts'
import { ratio } from './kit/statistics.ts'
import { packageVersions } from './kit/versions.ts'
import { BareServer } from './peers/bare-ws/BareServer.ts'
import { bareSide } from './signaling/bare-side.ts'
import { measureSide, type SideFigures, type SignalingPlan } from './signaling/measure-side.ts'
import { ringwaySide } from './signaling/ringway-side.ts'

/** Sessions held, invites per second and the delay of events, of the edge and of a bare WebSocket server. */
export const signaling: Bench = {
  name: 'signaling',
  summary: 'sessions held, invites per second and p99 of an event, beside a bare ws server',
  packages: [],
  run: async (context) => {
    const { quick, log, closing } = context
    const plan: SignalingPlan = {
      sessions: context.number('sessions', quick ? 60 : 2000),
      idleMs: context.number('idle', quick ? 0 : 12_000),
      eventPairs: context.number('event-pairs', quick ? 4 : 20),
      eventsPerSecond: context.number('events', quick ? 20 : 100),
      eventSeconds: context.number('event-seconds', quick ? 2 : 15),
      invitePairs: context.number('invite-pairs', quick ? 2 : 8),
      invitesPerSecond: context.number('invites', quick ? 2 : 4),
      inviteSeconds: context.number('invite-seconds', quick ? 2 : 10),
    }
    const server = await BareServer.start()
    closing.add(() => server.stop())
    const bare = await measureSide(bareSide(server), { plan, log })
    const deployment = await Deployment.start({ mediaPorts: context.option('media-ports') ?? '10000-10099' })
    closing.add(() => deployment.stop())
    const own = await measureSide(ringwaySide(deployment), { plan, log })
    return report({ quick, plan, own, bare, commands: ['npm start', server.commandLine] })
  },
}

function report(done: { quick: boolean; plan: SignalingPlan; own: SideFigures; bare: SideFigures; commands: readonly string[] }): Report {
  const { plan, own, bare } = done
  const ratios = {
    invitesPerSecond: ratio(own.invitesPerSecond, bare.invitesPerSecond),
    eventP99: ratio(own.eventMs.p99, bare.eventMs.p99),
    ringP99: ratio(own.ringMs.p99, bare.ringMs.p99),
    kibPerSession: ratio(own.kibPerSession, bare.kibPerSession),
  }
  const row = (title: string, of: (figures: SideFigures) => number, multiple: number | null = ratio(of(own), of(bare))) => [
    title,
    of(own),
    of(bare),
    multiple,
  ]
  return {
    bench: 'signaling',
    quick: done.quick,
    method: [
      `${plan.sessions} idle sessions are opened and held while the rest is measured. Ringway: npm start with one media host, WAPI over WebSocket;`,
      'three sessions a user. The bare server passes messages on by name, with no accounts, no state and nothing kept.',
      `Events: ${plan.eventPairs} pairs of clients, together ${plan.eventsPerSecond} events a second on a fixed schedule; with Ringway the owner of a room locks and`,
      `unlocks it, the other one hears it. Invites: ${plan.invitePairs} pairs, first ${plan.invitesPerSecond} a second on a schedule for the delays, then as fast as they can`,
      "for their number; each opens a socket of its own, with Ringway to a new room, which it creates and which rings the other user's hub;",
      'that one declines, and the room ends. All clients are in one process on the same machine.',
    ],
    versions: { ...packageVersions('miniflare', 'ws'), node: process.version },
    commands: done.commands,
    tables: [
      {
        title: 'Signaling',
        columns: ['measure', own.side, bare.side, 'ratio'],
        rows: [
          row('sessions held and answering', ({ sessionsHeld }) => sessionsHeld),
          row('sessions opened a second', ({ sessionsOpenedPerSecond }) => sessionsOpenedPerSecond),
          row('KiB of the server a session', ({ kibPerSession }) => kibPerSession, ratios.kibPerSession),
          row('descriptors of the server a session', ({ descriptorsPerSession }) => descriptorsPerSession),
          row('event, p50 ms', ({ eventMs }) => eventMs.p50),
          row('event, p99 ms', ({ eventMs }) => eventMs.p99, ratios.eventP99),
          row('event, ms of processor', ({ cpuMsPerEvent }) => cpuMsPerEvent),
          row('invites a second', ({ invitesPerSecond }) => invitesPerSecond, ratios.invitesPerSecond),
          row('invite until it rings, p50 ms', ({ ringMs }) => ringMs.p50),
          row('invite until it rings, p99 ms', ({ ringMs }) => ringMs.p99, ratios.ringP99),
          row('invite until declined, p50 ms', ({ inviteMs }) => inviteMs.p50),
          row('invite, ms of processor', ({ cpuMsPerInvite }) => cpuMsPerInvite),
        ],
      },
    ],
    results: { plan, own, bare, ratios },
    notes: own.sessionsHeld < plan.sessions ? [`${plan.sessions - own.sessionsHeld} of Ringway's sessions were lost.`] : [],
  }
}
