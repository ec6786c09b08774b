import { describe, expect, it } from 'vitest'
import { placeInFleet } from './place-in-fleet.ts'

describe('placeInFleet', () => {
  const place = async (free: readonly string[], regions = ['eu-west-1', 'us-east-1', 'eu-north-1']) => {
    const asked: string[] = []
    const placed = await placeInFleet(
      { region: 'eu-north-1' },
      {
        placeIn: (region) => {
          asked.push(region)
          return Promise.resolve(free.includes(region) ? region : null)
        },
        regions: () => Promise.resolve(regions),
        random: () => 0,
      },
    )
    return { placed, asked }
  }

  it('stays in the room’s region while it can', async () => {
    expect(await place(['eu-north-1', 'eu-west-1'])).toEqual({ placed: 'eu-north-1', asked: ['eu-north-1'] })
  })

  it('spills over to the nearest region that can', async () => {
    expect(await place(['us-east-1', 'eu-west-1'])).toEqual({ placed: 'eu-west-1', asked: ['eu-north-1', 'eu-west-1'] })
    expect((await place(['us-east-1'])).placed).toBe('us-east-1')
  })

  it('gives up once all regions are full', async () => {
    expect(await place([])).toEqual({ placed: null, asked: ['eu-north-1', 'eu-west-1', 'us-east-1'] })
  })
})
