export interface WorkerChoice {
  /** Streams in and out of the worker, and its routers. */
  readonly load: number
  /** Whether the room already lives on it. */
  readonly servesRoom: boolean
}

/** How much busier than the idlest worker, in streams, a room's own worker may be before the room spans another one. */
export const defaultSpillLoad = 400

/**
 * Index of the worker that takes a room's next participant. A room stays together, as streams within
 * a worker need no pipe, until its worker is much busier than the idlest. Undefined: there is no worker.
 */
export function chooseWorker(workers: readonly WorkerChoice[], options: { spillLoad: number }): number | undefined {
  const idlest = indexOfLeast(workers, () => true)
  const home = indexOfLeast(workers, ({ servesRoom }) => servesRoom)
  if (idlest === undefined || home === undefined) return idlest
  return loadAt(workers, home) - loadAt(workers, idlest) <= options.spillLoad ? home : idlest
}

const loadAt = (workers: readonly WorkerChoice[], index: number): number => workers[index]?.load ?? 0

function indexOfLeast(workers: readonly WorkerChoice[], eligible: (worker: WorkerChoice) => boolean): number | undefined {
  let best: number | undefined
  for (const [index, worker] of workers.entries()) {
    if (eligible(worker) && (best === undefined || worker.load < loadAt(workers, best))) best = index
  }
  return best
}
