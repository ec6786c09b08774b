import { useCallback, useState } from 'react'

/** The size of an element's content box, and the ref that measures it. */
export function useSize(): { ref: (element: HTMLElement | null) => (() => void) | undefined; size: { width: number; height: number } } {
  const [size, setSize] = useState({ width: 0, height: 0 })
  const ref = useCallback((element: HTMLElement | null) => {
    if (element === null) return undefined
    const observer = new ResizeObserver(([entry]) => {
      if (entry === undefined) return
      const { width, height } = entry.contentRect
      setSize((before) => (before.width === width && before.height === height ? before : { width, height }))
    })
    observer.observe(element)
    return () => observer.disconnect()
  }, [])
  return { ref, size }
}
