import { describe, expect, it } from 'vitest'
import { type Scenario, simulate } from './testing/simulate.ts'

/** Hosts of three sizes in one region. */
const hosts = (count: number, region = 'here') =>
  Array.from({ length: count }, (_, index) => ({ region, capacity: 1000 * (1 + (index % 3)) }))

const base: Scenario = { seed: 1, hosts: hosts(10), rooms: 20_000, rate: 10, burst: 1, life: 60, regions: ['here'] }

describe('placement over many rooms', () => {
  it.each([
    ['a quarter full', { ...base, rate: 10 }],
    ['half full, rooms in bursts', { ...base, seed: 2, rate: 20, burst: 50 }],
    ['four fifths full', { ...base, seed: 3, rate: 34 }],
    ['a large fleet', { ...base, seed: 4, hosts: hosts(60), rate: 150, burst: 10, rooms: 40_000 }],
  ])('keeps hosts evenly used and none over capacity: %s', async (_name, scenario) => {
    const outcome = await simulate(scenario)
    const atRandom = await simulate({ ...scenario, policy: 'random' })
    expect(outcome.overload).toBeLessThan(0.05)
    expect(outcome.refusedWrongly).toBeLessThan(outcome.placed * 0.001)
    expect(outcome.meanImbalance).toBeLessThan(0.06)
    expect(outcome.worstImbalance).toBeLessThan(0.4)
    if (outcome.meanUtilization < 0.7) expect(outcome.meanImbalance).toBeLessThan(atRandom.meanImbalance / 2)
  })

  it('refuses rather than overloads when there is more than the fleet can take', async () => {
    const outcome = await simulate({ ...base, seed: 5, rate: 80 })
    expect(outcome.refused).toBeGreaterThan(1000)
    expect(outcome.refusedWrongly).toBeLessThan(outcome.refused * 0.1)
    expect(outcome.overload).toBeLessThan(0.05)
    expect(outcome.meanUtilization).toBeGreaterThan(0.8)
  })

  it('never chooses a draining host', async () => {
    const outcome = await simulate({ ...base, seed: 6, drain: [0, 3, 7] })
    expect(outcome.onDraining).toBe(0)
    expect(outcome.refused).toBe(0)
  })

  it('prefers the region and spills over only when it is full', async () => {
    const fleet = [...hosts(5, 'eu-north-1'), ...hosts(5, 'eu-west-1'), ...hosts(5, 'us-east-1')]
    const roomy = await simulate({ ...base, seed: 7, hosts: fleet, regions: ['eu-north-1'], rate: 8 })
    expect(roomy).toMatchObject({ spilled: 0, refused: 0 })
    const full = await simulate({ ...base, seed: 8, hosts: fleet, regions: ['eu-north-1'], rate: 35 })
    expect(full.refused).toBe(0)
    expect(full.spilled).toBeGreaterThan(1000)
    expect(full.strayed).toBeLessThan(full.placed * 0.01)
  })

  it('is the same for the same seed', async () => {
    const scenario = { ...base, rooms: 3000 }
    expect(await simulate(scenario)).toEqual(await simulate(scenario))
    expect(await simulate({ ...scenario, seed: 99 })).not.toEqual(await simulate(scenario))
  })
})
