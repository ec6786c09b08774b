import { useI18n } from '../i18n/I18n.tsx'
import { BrandMark } from '../ui/BrandMark.tsx'
import { Spinner } from '../ui/Spinner.tsx'
import styles from './Splash.module.css'

/** The page while it is not known yet what to show. */
export function Splash() {
  const { t } = useI18n()
  return (
    <output className={styles.splash} aria-label={t('common.loading')}>
      <BrandMark size={56} />
      <Spinner size={22} />
    </output>
  )
}
