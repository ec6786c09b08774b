/**
 * Consumers that a room of this many participants is expected to make on its first host: each takes
 * audio and video of all the others. At most half of the host, as a larger room spans several.
 */
export function expectedConsumers(options: { readonly size: number; readonly capacity: number }): number {
  const others = Math.max(1, options.size - 1)
  return Math.min(2 * Math.max(1, options.size) * others, Math.ceil(options.capacity / 2))
}
