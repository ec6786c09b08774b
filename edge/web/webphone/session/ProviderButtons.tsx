import { useEffect } from 'react'
import { useI18n } from '../../i18n/I18n.tsx'
import { Button } from '../../ui/Button.tsx'
import { usePhone } from '../PhoneContext.tsx'
import { useStore } from '../state/Store.ts'
import styles from './ProviderButtons.module.css'

/** Ways to sign in without a password of ours, where the domain has any. */
export function ProviderButtons({ domain, isDisabled }: { domain: string | undefined; isDisabled: boolean }) {
  const phone = usePhone()
  const providers = useStore(phone.providers)
  const { t } = useI18n()

  useEffect(() => void phone.providers.show(domain), [phone, domain])

  if (providers.length === 0) return null
  return (
    <div className={styles.providers}>
      <p className={styles.or}>{t('signIn.or')}</p>
      {providers.map(({ name, displayName }) => (
        <Button
          key={name}
          size="lg"
          fill
          isDisabled={isDisabled}
          onPress={() => void phone.session.signInWith(name, domain)}
          data-testid={`provider-${name}`}
        >
          {t('signIn.with', { provider: displayName })}
        </Button>
      ))}
    </div>
  )
}
