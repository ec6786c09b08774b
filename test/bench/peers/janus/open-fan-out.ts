import type { Closing } from '../../kit/bench.ts'
import type { LoadGenerator } from '../../load/LoadGenerator.ts'
import { newSrtpKey, newSsrc } from '../../load/rtp-parameters.ts'
import type { StreamShape } from '../../load/shapes.ts'
import { JanusFanOut } from './JanusFanOut.ts'

/** The same through Janus: one stream in, `subscribers` out. Gives the stream's id. */
export async function openJanusFanOut(options: {
  generator: LoadGenerator
  shape: StreamShape
  subscribers: number
  srtp: boolean
  rtpPorts: string
  closing: Closing
}): Promise<{ streamId: number; janus: JanusFanOut }> {
  const { generator, closing } = options
  const janus = await JanusFanOut.start({ rtpPorts: options.rtpPorts })
  closing.add(() => janus.stop())
  const streamId = generator.send({
    ip: '127.0.0.1',
    port: janus.inPort,
    ssrc: newSsrc(),
    payloadType: janus.payloadType,
    shape: options.shape,
  })
  const targets = Array.from({ length: options.subscribers }, () => ({
    port: generator.port,
    ssrc: newSsrc(),
    ...(options.srtp ? { key: newSrtpKey() } : {}),
  }))
  await janus.forward(targets)
  for (const target of targets) generator.expect(streamId, target)
  return { streamId, janus }
}
