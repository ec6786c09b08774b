const parts = (milliseconds: number) => {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000))
  return { hours: Math.floor(seconds / 3600), minutes: Math.floor(seconds / 60) % 60, seconds: seconds % 60 }
}

const two = (value: number): string => String(value).padStart(2, '0')

/** `4:07`, or `1:04:07` from an hour on. */
export function formatDuration(milliseconds: number): string {
  const { hours, minutes, seconds } = parts(milliseconds)
  return hours > 0 ? `${String(hours)}:${two(minutes)}:${two(seconds)}` : `${String(minutes)}:${two(seconds)}`
}

/** For a `time` element: `PT4M7S` (ISO 8601). */
export function isoDuration(milliseconds: number): string {
  const { hours, minutes, seconds } = parts(milliseconds)
  return `PT${hours > 0 ? `${String(hours)}H` : ''}${minutes > 0 ? `${String(minutes)}M` : ''}${String(seconds)}S`
}
