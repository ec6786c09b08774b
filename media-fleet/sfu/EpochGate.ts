import { AppError } from '#shared/errors/AppError.ts'

/** Lets through what is as new as the newest seen: an older room object, or an older placement, commands nothing. */
export class EpochGate {
  #highest: number

  constructor(epoch = 0) {
    this.#highest = epoch
  }

  get highest(): number {
    return this.#highest
  }

  /** Throws `staleEpoch` for an epoch below the highest seen; a higher one becomes the highest. */
  admit(epoch: number): void {
    if (epoch < this.#highest) throw new AppError('staleEpoch', { context: { highest: this.#highest } })
    this.#highest = epoch
  }
}
