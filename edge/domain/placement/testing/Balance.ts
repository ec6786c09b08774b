import type { SimulatedHost } from './SimulatedFleet.ts'

/** Samples how evenly the hosts of each region are used. Draining hosts are left out: they only empty. */
export class Balance {
  readonly #hosts: readonly SimulatedHost[]
  readonly #regions: readonly string[]
  #samples = 0
  #worst = 0
  #distance = 0
  #used = 0
  #peak = 0

  constructor(hosts: readonly SimulatedHost[]) {
    this.#hosts = hosts
    this.#regions = [...new Set(hosts.map((host) => host.region))]
  }

  sample(): void {
    for (const region of this.#regions) {
      const used = this.#hosts.filter((host) => host.region === region && !host.draining).map((host) => host.consumers / host.capacity)
      const mean = used.reduce((sum, share) => sum + share, 0) / used.length
      for (const share of used) {
        this.#samples++
        this.#used += share
        this.#distance += Math.abs(share - mean)
        this.#worst = Math.max(this.#worst, Math.abs(share - mean))
        this.#peak = Math.max(this.#peak, share)
      }
    }
  }

  summary() {
    const samples = Math.max(1, this.#samples)
    return {
      overload: Math.max(0, this.#peak - 1),
      worstImbalance: this.#worst,
      meanImbalance: this.#distance / samples,
      peakUtilization: this.#peak,
      meanUtilization: this.#used / samples,
    }
  }
}
