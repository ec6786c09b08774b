import { MicOff, RefreshCw, VideoOff } from 'lucide-react'
import { type ReactNode, useEffect, useState } from 'react'
import { useI18n } from '../../i18n/I18n.tsx'
import { Banner } from '../../ui/Banner.tsx'
import { Button } from '../../ui/Button.tsx'
import type { CallController } from '../state/CallController.ts'
import type { CallView } from '../state/call-view.ts'
import type { CaptureKind } from '../state/DevicesStore.ts'
import styles from './CallBanners.module.css'

/** What stands in the way of being heard and seen, and what can be done about it. */
export function CallBanners({ view, controller }: { view: CallView; controller: CallController }) {
  return (
    <div className={styles.banners}>
      {view.moving ? <Moving /> : null}
      <Refused kind="microphone" code={view.refusals.microphone} icon={<MicOff />} onRetry={() => void controller.toggleMicrophone()} />
      <Refused kind="camera" code={view.refusals.camera} icon={<VideoOff />} onRetry={() => void controller.toggleCamera()} />
    </div>
  )
}

function Refused({ kind, code, icon, onRetry }: { kind: CaptureKind; code: string | undefined; icon: ReactNode; onRetry: () => void }) {
  const { t, errorText } = useI18n()
  if (code === undefined) return null
  const known = code === 'deviceNotAllowed' || code === 'deviceNotFound' || code === 'deviceInUse'
  return (
    <Banner tone="warning" icon={icon} action={<Button onPress={onRetry}>{t('common.tryAgain')}</Button>} data-testid={`refused-${kind}`}>
      {known ? t(`refused.${kind}.${code}`) : errorText(code)}
    </Banner>
  )
}

/** Milliseconds: most moves are over before anyone could read about them, and none takes longer than this. */
const movingShown = { from: 1500, to: 10_000 } as const

function Moving() {
  const { t } = useI18n()
  const [shown, setShown] = useState(false)
  useEffect(() => {
    const timers = [setTimeout(() => setShown(true), movingShown.from), setTimeout(() => setShown(false), movingShown.to)]
    return () => timers.forEach(clearTimeout)
  }, [])
  return shown ? (
    <Banner tone="info" icon={<RefreshCw />}>
      {t('call.moving')}
    </Banner>
  ) : null
}
