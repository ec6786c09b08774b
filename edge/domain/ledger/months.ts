import { monthOf } from '../object-names.ts'

/** The months, in UTC and as `yyyy-mm`, that a ledger each is kept of (object-names.ts). */

/** Of all moments in `[from, to)`, the latest first. */
export function monthsOf({ from, to }: { from: number; to: number }): string[] {
  const months: string[] = []
  if (to <= from) return months
  for (let month = monthOf(to - 1), start = startOf(month); ; month = monthOf(start - 1), start = startOf(month)) {
    months.push(month)
    if (start <= from) return months
  }
}

export function rangeOf(month: string): { from: number; to: number } {
  const from = startOf(month)
  // Every month ends within 31 days and the next one has at least 28.
  return { from, to: startOf(monthOf(from + 32 * 86_400_000)) }
}

const startOf = (month: string): number => Date.parse(`${month}-01T00:00:00Z`)
