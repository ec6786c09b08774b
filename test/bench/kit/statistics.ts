/** The nearest-rank quantile of unsorted values; NaN where there are none. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(q * sorted.length) - 1))] ?? Number.NaN
}

export interface Summary {
  readonly count: number
  readonly p50: number
  readonly p95: number
  readonly p99: number
  readonly max: number
}

/** Rounded to `digits` after the point. */
export function summarize(values: readonly number[], digits = 1): Summary {
  const at = (q: number): number => round(quantile(values, q), digits)
  return { count: values.length, p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) }
}

export function round(value: number, digits: number): number {
  const scale = 10 ** digits
  return Math.round(value * scale) / scale
}

/** `value` as a multiple of `reference`, to three significant digits; null where the reference is 0. */
export const ratio = (value: number, reference: number): number | null =>
  reference === 0 ? null : Number((value / reference).toPrecision(3))
