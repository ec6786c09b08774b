import { dispatcherName } from '../object-names.ts'

/**
 * Dispatcher objects per region. Every shard knows every host of the region; rooms are spread over
 * the shards by their name, so that placing scales beyond one object's thread. Raising the number
 * needs no migration: hosts report to the new shards within seconds.
 */
export const shardCount = 4

/** The shard that places a room: FNV-1a over the name, stable for ever and equal in every runtime. */
export function shardOf(room: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < room.length; index++) hash = Math.imul(hash ^ room.charCodeAt(index), 0x01000193)
  return (hash >>> 0) % shardCount
}

/** Object name of the dispatcher to ask for a room. */
export const dispatcherOf = (request: { readonly region: string; readonly room: string }): string =>
  dispatcherName(request.region, shardOf(request.room))

/** Object names of all dispatchers of a region. */
export const dispatchersIn = (region: string): string[] => Array.from({ length: shardCount }, (_, shard) => dispatcherName(region, shard))

/** Object name of the dispatcher that knows which regions exist; `*` is no region's name. */
export const regionDirectoryName = dispatcherName('*', 0)
