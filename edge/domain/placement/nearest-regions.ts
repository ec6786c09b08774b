/**
 * The other regions in the order in which a room spills over to them. Regions are named from the
 * large to the small (`eu-north-1`), so a longer common beginning means nearer; `random` (0..1)
 * orders equals, so that a full region's rooms spread.
 */
export function nearestRegions(regions: readonly string[], options: { readonly to: string; readonly random: () => number }): string[] {
  return regions
    .filter((region) => region !== options.to)
    .map((region) => ({ region, common: commonParts(region, options.to), lot: options.random() }))
    .toSorted((a, b) => b.common - a.common || a.lot - b.lot)
    .map(({ region }) => region)
}

function commonParts(a: string, b: string): number {
  const [left, right] = [a.split('-'), b.split('-')]
  const different = left.findIndex((part, index) => part !== right[index])
  return different === -1 ? left.length : different
}
