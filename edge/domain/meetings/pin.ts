const digits = 8
const pins = 10 ** digits
/** The largest multiple of the number of PINs in 32 bits; using more would favour the low ones. */
const fair = Math.floor(2 ** 32 / pins) * pins

/** Eight digits, each PIN as likely as any other. `random32` gives unpredictable integers below 2^32. */
export function newPin(random32: () => number): string {
  let value = random32()
  while (value >= fair) value = random32()
  return String(value % pins).padStart(digits, '0')
}
