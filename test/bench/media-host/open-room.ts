import { randomUUID } from 'node:crypto'
import type { EdgeStandIn, RoomLink } from '../edge-stand-in/EdgeStandIn.ts'

/** Caps of a default deployment, in bits per second. */
const bandwidthCaps = { camera: 1_500_000, screen: 2_400_000 }

/** A new room on the media host, open. */
export async function openRoom(edge: EdgeStandIn): Promise<RoomLink> {
  const link = await edge.serveRoom(randomUUID())
  await link.ask('openRoom', { epoch: 1, videoCodec: 'VP8', bandwidthCaps })
  return link
}
