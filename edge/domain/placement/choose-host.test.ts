import { describe, expect, it } from 'vitest'
import { type Candidate, canTake, chooseHost, fullCpu, type Need } from './choose-host.ts'
import { expectedConsumers } from './demand.ts'

const need: Need = { videoCodec: 'VP8', exclude: [], size: 2 }
const load = { cpu: 0, rooms: 0, participants: 0, producers: 0, consumers: 0, draining: false }

function host(hostId: string, changes: Partial<Omit<Candidate, 'load'>> & { load?: Partial<Candidate['load']> } = {}): Candidate {
  return { hostId, capacity: 100, videoCodecs: ['VP8'], reserved: 0, ...changes, load: { ...load, ...changes.load } }
}

const chosen = (hosts: readonly Candidate[], changes: Partial<Need> = {}, random = 0) =>
  chooseHost(hosts, { need: { ...need, ...changes }, random: () => random })?.hostId

describe('chooseHost', () => {
  it('takes the host with the smallest share of its capacity in use, not the fewest streams', () => {
    expect(chosen([host('small', { load: { consumers: 10 } }), host('large', { capacity: 1000, load: { consumers: 50 } })])).toBe('large')
  })

  it('goes by the processor where that is the scarcer', () => {
    expect(chosen([host('hot', { load: { cpu: 0.8, consumers: 5 } }), host('filled', { load: { cpu: 0.1, consumers: 60 } })])).toBe(
      'filled',
    )
  })

  it('counts what has been promised', () => {
    expect(chosen([host('promised', { reserved: 30 }), host('used', { load: { consumers: 20 } })])).toBe('used')
  })

  it.each([
    ['draining', host('a', { load: { draining: true } })],
    ['out of processor', host('a', { load: { cpu: fullCpu } })],
    ['full', host('a', { load: { consumers: 97 } })],
    ['full once its promises are kept', host('a', { load: { consumers: 50 }, reserved: 47 })],
    ['without the codec', host('a', { videoCodecs: ['H264'] })],
  ])('never takes a host that is %s', (_why, bad) => {
    expect(canTake(bad, need)).toBe(false)
    expect(chosen([bad])).toBeUndefined()
    expect(chosen([bad, host('good', { load: { consumers: 90 } })])).toBe('good')
  })

  it('never takes an excluded host', () => {
    expect(chosen([host('failed'), host('other', { load: { consumers: 90 } })], { exclude: ['failed'] })).toBe('other')
    expect(chosen([host('failed')], { exclude: ['failed'] })).toBeUndefined()
  })

  it('fills a host to its capacity and not beyond', () => {
    expect(chosen([host('a', { load: { consumers: 96 } })])).toBe('a')
    expect(chosen([host('a', { load: { consumers: 96 } })], { size: 3 })).toBeUndefined()
  })

  it('starts a room that is larger than any host on the emptiest one', () => {
    expect(chosen([host('half', { load: { consumers: 49 } }), host('more', { load: { consumers: 51 } })], { size: 500 })).toBe('half')
  })

  it('lets chance decide between equals and nothing else', () => {
    const hosts = [host('a'), host('b'), host('c', { load: { consumers: 40 } })]
    expect([0, 0.49, 0.5, 0.99].map((random) => chosen(hosts, {}, random))).toEqual(['a', 'a', 'b', 'b'])
  })

  it('has no answer without hosts', () => {
    expect(chosen([])).toBeUndefined()
  })
})

describe('expectedConsumers', () => {
  it('counts audio and video of every other participant, for a room of one as for its coming pair', () => {
    expect([1, 2, 3, 4].map((size) => expectedConsumers({ size, capacity: 1000 }))).toEqual([2, 4, 12, 24])
  })

  it('is at most half of a host', () => {
    expect(expectedConsumers({ size: 100, capacity: 1000 })).toBe(500)
  })
})
