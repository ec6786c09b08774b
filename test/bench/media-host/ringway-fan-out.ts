import type { Log } from '#infra/system/progress.ts'
import { EdgeStandIn } from '../edge-stand-in/EdgeStandIn.ts'
import type { Closing } from '../kit/bench.ts'
import type { LoadGenerator } from '../load/LoadGenerator.ts'
import type { StreamShape } from '../load/shapes.ts'
import { MediaHostProcess } from './MediaHostProcess.ts'
import { openRoom } from './open-room.ts'
import { SrtpParticipant } from './srtp-participant.ts'

/** One publisher and many subscribers in one room of a media host with one worker. Gives the stream's id. */
export async function openRingwayFanOut(options: {
  generator: LoadGenerator
  shape: StreamShape
  subscribers: number
  mediaPorts: string
  log: Log
  closing: Closing
}): Promise<{ streamId: number; host: MediaHostProcess }> {
  const { generator, closing } = options
  const edge = await EdgeStandIn.start()
  closing.add(() => edge.close())
  const host = await MediaHostProcess.start({ edgeUrl: edge.url, workers: 1, mediaPorts: options.mediaPorts, log: options.log })
  closing.add(() => host.stop())
  await host.whileRunning(edge.host, 'dial the edge')
  const room = await openRoom(edge)
  const publisher = await SrtpParticipant.open(room, { participantId: 'publisher', generator })
  const publication = await publisher.publish(options.shape)
  for (let index = 0; index < options.subscribers; index += 1) {
    const subscriber = await SrtpParticipant.open(room, { participantId: `subscriber-${index}`, generator })
    await subscriber.subscribe(publication)
  }
  return { streamId: publication.streamId, host }
}
