/** So many failures within less than so many seconds (AUTH-4). */
export interface AlarmRule {
  readonly failures: number
  readonly seconds: number
}

/**
 * When the alarm is due that a further failure of an account raises: at the failure that completes a group
 * of enough within the time. Failures may become known out of order. Undefined: none, or one was raised less
 * than that time ago, which this one belongs to. All times in milliseconds.
 * @param failures of the account, in any order, with the further one among them.
 * @param alarms when those before were raised.
 */
export function alarmDue(
  rule: AlarmRule,
  further: number,
  known: { failures: readonly number[]; alarms: readonly number[] },
): number | undefined {
  const span = rule.seconds * 1000
  const times = known.failures.filter((at) => Math.abs(at - further) < span).toSorted((a, b) => a - b)
  for (let first = 0; first + rule.failures <= times.length; first++) {
    const group = times.slice(first, first + rule.failures)
    const [begin = 0, end = 0] = [group[0], group.at(-1)]
    const isNew = known.alarms.every((at) => Math.abs(at - end) >= span)
    if (end - begin < span && begin <= further && further <= end && isNew) return end
  }
  return undefined
}
