import { CloudOff } from 'lucide-react'
import { useI18n } from '../i18n/I18n.tsx'
import { Banner } from '../ui/Banner.tsx'
import { Spinner } from '../ui/Spinner.tsx'
import { usePhone } from './PhoneContext.tsx'
import { useStore } from './state/Store.ts'

/** Says that the server cannot be reached, for as long as it is so. */
export function ConnectionBanner() {
  const phone = usePhone()
  const session = useStore(phone.session)
  const { phase } = useStore(phone.calls)
  const { t } = useI18n()
  if (session.status !== 'signedIn' || session.connection === 'online') return null
  return (
    <Banner tone="warning" shape="bar" icon={<CloudOff />} action={<Spinner size={16} />} data-testid="connection-banner">
      {t(phase.kind === 'call' ? 'connection.reconnectingInCall' : 'connection.reconnecting')}
    </Banner>
  )
}
