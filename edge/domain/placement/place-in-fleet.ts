import type { PlacementRequest } from '../ports.ts'
import { nearestRegions } from './nearest-regions.ts'

/** What placing across regions asks of its surroundings. */
export interface Fleet<Placed> {
  /** Places in one region only; null where no host of it can. A region that cannot be asked counts as full. */
  placeIn(region: string): Promise<Placed | null>
  /** All regions that have hosts; asked only when the preferred one is full. */
  regions(): Promise<readonly string[]>
  /** 0..1. */
  random(): number
}

/** The room's own region first, then the others from near to far. */
export async function placeInFleet<Placed>(request: Pick<PlacementRequest, 'region'>, fleet: Fleet<Placed>): Promise<Placed | null> {
  const here = await fleet.placeIn(request.region)
  if (here !== null) return here
  const others = nearestRegions(await fleet.regions(), { to: request.region, random: () => fleet.random() })
  for (const region of others) {
    const there = await fleet.placeIn(region)
    if (there !== null) return there
  }
  return null
}
