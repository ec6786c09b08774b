import { describe, expect, it } from 'vitest'
import { dispatcherOf, dispatchersIn, shardCount, shardOf } from './shards.ts'

describe('shards', () => {
  it('give a room one dispatcher of its region for ever', () => {
    expect(dispatcherOf({ region: 'lab', room: 'r:one' })).toBe(dispatcherOf({ region: 'lab', room: 'r:one' }))
    expect(dispatchersIn('lab')).toContain(dispatcherOf({ region: 'lab', room: 'r:one' }))
  })

  it('follow FNV-1a, whose published vectors for a and b are e40c292c and e70c2de5', () => {
    expect([shardOf('a'), shardOf('b')]).toEqual([0xe40c292c % shardCount, 0xe70c2de5 % shardCount])
  })

  it('share rooms evenly', () => {
    const counts = Array.from({ length: shardCount }, () => 0)
    for (let room = 0; room < 4000; room++) {
      const shard = shardOf(`r:domain:${room}`)
      counts[shard] = (counts[shard] ?? 0) + 1
    }
    for (const count of counts) expect(Math.abs(count - 4000 / shardCount)).toBeLessThan(150)
  })
})
