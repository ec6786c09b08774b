import { describe, expect, it } from 'vitest'
import { nearestRegions } from './nearest-regions.ts'

describe('nearestRegions', () => {
  const regions = ['us-east-1', 'eu-north-1', 'eu-west-1', 'eu-north-2', 'lab']

  it('goes from the neighbour to the other continent and leaves out the region itself', () => {
    const order = nearestRegions(regions, { to: 'eu-north-1', random: () => 0 })
    expect(order[0]).toBe('eu-north-2')
    expect(order[1]).toBe('eu-west-1')
    expect(order).toHaveLength(4)
  })

  it('orders equally far ones by chance', () => {
    const lots = [0.9, 0.1, 0.5]
    expect(nearestRegions(['a', 'b', 'c'], { to: 'here', random: () => lots.shift() ?? 0 })).toEqual(['b', 'c', 'a'])
  })
})
