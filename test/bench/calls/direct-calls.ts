import type { EdgeStandIn } from '../edge-stand-in/EdgeStandIn.ts'
import { inParallel } from '../kit/pool.ts'
import type { LoadGenerator } from '../load/LoadGenerator.ts'
import { opusShape, vp8Shape } from '../load/shapes.ts'
import type { MediaHostProcess } from '../media-host/MediaHostProcess.ts'
import { openRoom } from '../media-host/open-room.ts'
import { type LoadPublication, SrtpParticipant } from '../media-host/srtp-participant.ts'
import type { CallKind, HeldCalls } from './held-calls.ts'

const atOnce = 8

/** Calls on a media host without an edge: a room each, driven over the fleet protocol. */
export function directCalls(options: { edge: EdgeStandIn; host: MediaHostProcess; generator: LoadGenerator; kind: CallKind }): HeldCalls {
  const { edge, host, generator, kind } = options
  const shapes = kind === 'audio' ? [opusShape] : [opusShape, vp8Shape]

  const openCall = async (): Promise<number> => {
    const startedAt = performance.now()
    const room = await openRoom(edge)
    const parties = await Promise.all(
      ['caller', 'callee'].map(async (participantId) => {
        const participant = await SrtpParticipant.open(room, { participantId, generator })
        const publications: LoadPublication[] = []
        for (const shape of shapes) publications.push(await participant.publish(shape))
        return { participant, publications }
      }),
    )
    await Promise.all(
      parties.map(({ participant }, index) =>
        Promise.all((parties[1 - index]?.publications ?? []).map((publication) => participant.subscribe(publication))),
      ),
    )
    return performance.now() - startedAt
  }

  return {
    name: 'media host alone',
    generator,
    pids: () => ({ 'media workers': host.workerPids, 'media host': [host.pid] }),
    prepare: () => Promise.resolve(),
    add: (count) => inParallel(count, atOnce, openCall),
  }
}
