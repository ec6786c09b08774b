import { Check, Copy } from 'lucide-react'
import { useEffect, useState } from 'react'
import { useI18n } from '../../i18n/I18n.tsx'
import { IconButton } from '../../ui/IconButton.tsx'
import { usePhone } from '../PhoneContext.tsx'
import { conferenceLink } from '../state/conference-link.ts'
import styles from './Detail.module.css'

/** A conference's address, to be passed on. */
export function CopyLink({ roomId }: { roomId: string }) {
  const { calls, notices } = usePhone()
  const { t } = useI18n()
  const [copied, setCopied] = useState(false)
  const link = conferenceLink(calls.addressOf(roomId), window.location.origin)

  useEffect(() => {
    if (!copied) return undefined
    const timer = setTimeout(() => setCopied(false), 2500)
    return () => clearTimeout(timer)
  }, [copied])

  const copy = async () => {
    try {
      await navigator.clipboard.writeText(link)
      setCopied(true)
      notices.show('notice.linkCopied')
    } catch {
      notices.show('notice.copyFailed', { tone: 'error' })
    }
  }

  return (
    <div className={styles.link}>
      <code data-testid="conference-address">{link}</code>
      <IconButton
        variant="soft"
        label={t('conference.copyLink')}
        icon={copied ? <Check /> : <Copy />}
        onPress={() => void copy()}
        data-testid="copy-link"
      />
    </div>
  )
}
