import { useEffect, useState } from 'react'
import { brand } from '../brand.ts'
import { useI18n } from '../i18n/I18n.tsx'
import { useMediaQuery } from '../ui/useMediaQuery.ts'
import { usePhone } from './PhoneContext.tsx'
import { useStore } from './state/Store.ts'

/** The page's title says what is going on, and turns to and fro while somebody rings. */
export function useTitle(callTitle: string | null): void {
  const { incoming } = useStore(usePhone().calls)
  const still = useMediaQuery('(prefers-reduced-motion: reduce)')
  const { t } = useI18n()
  const [turned, setTurned] = useState(false)
  const caller = incoming[0]?.name

  useEffect(() => {
    if (caller === undefined || still) return undefined
    const timer = setInterval(() => setTurned((before) => !before), 1000)
    return () => {
      clearInterval(timer)
      setTurned(false)
    }
  }, [caller, still])

  const resting = callTitle === null ? brand.name : `${callTitle} · ${brand.name}`
  const title = caller === undefined || turned ? resting : t('incoming.title', { name: caller })
  useEffect(() => {
    document.title = title
  }, [title])
}
