import { useEffect, useState } from 'react'
import { Duration } from '../../ui/Duration.tsx'

/** How long the call has been on, by the second. */
export function CallTimer({ startedAt }: { startedAt: number | null }) {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    if (startedAt === null) return undefined
    const tick = () => setNow(Date.now())
    tick()
    const timer = setInterval(tick, 1000)
    return () => clearInterval(timer)
  }, [startedAt])
  return startedAt === null ? null : <Duration milliseconds={now - startedAt} />
}
