/** When a call began, as its id tells (RFC 9562 §5.7), in milliseconds since the epoch; undefined: it does not. */
export function timeOf(callId: string): number | undefined {
  const [, high, low] = /^([0-9a-f]{8})-([0-9a-f]{4})-7/i.exec(callId) ?? []
  return high === undefined || low === undefined ? undefined : Number.parseInt(high + low, 16)
}
