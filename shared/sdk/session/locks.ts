/** Runs `work` while no other holder of the name, in any tab of the origin, does; at once where there are no such locks. */
export async function withLock<Value>(name: string | null, work: () => Promise<Value>): Promise<Value> {
  const locks = lockManager()
  if (name === null || locks === null) return work()
  // The return type of `request` is that of the callback's promise, resolved.
  return await locks.request(name, work)
}

/**
 * Holds a lock until released. Null where another tab holds it and keeps it for `patience` ms: a page that
 * is being reloaded gives its locks back a moment after the new one has started.
 */
export async function holdLock(name: string, options: { patience: number }): Promise<(() => void) | null> {
  const locks = lockManager()
  if (locks === null) return () => undefined
  return new Promise((resolve) => {
    const held = (): Promise<void> => new Promise((release) => resolve(() => release()))
    locks.request(name, { signal: AbortSignal.timeout(options.patience) }, held).catch(() => resolve(null))
  })
}

function lockManager(): LockManager | null {
  if (typeof navigator === 'undefined') return null
  // Pages without TLS have none, whatever the type says.
  return 'locks' in navigator ? navigator.locks : null
}
