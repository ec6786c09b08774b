import { useEffect, useState } from 'react'
import { type RingPattern, RingTone } from './RingTone.ts'

/** Lets a pattern sound for as long as it is given. */
export function useRing(pattern: RingPattern | null): void {
  const [tone] = useState(() => new RingTone())
  useEffect(() => {
    if (pattern === null) tone.stop()
    else tone.start(pattern)
  }, [pattern, tone])
  useEffect(() => () => tone.close(), [tone])
}
