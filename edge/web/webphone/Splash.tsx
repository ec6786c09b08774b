import { VisuallyHidden } from 'react-aria-components/VisuallyHidden'
import { brand } from '../brand.ts'
import { useI18n } from '../i18n/I18n.tsx'
import { BrandMark } from '../ui/BrandMark.tsx'
import { Spinner } from '../ui/Spinner.tsx'
import styles from './Splash.module.css'

/** The page while it is not known yet what to show; `errorCode`: why that takes long. */
export function Splash({ errorCode = null }: { errorCode?: string | null }) {
  const { t, errorText } = useI18n()
  return (
    <main className={styles.splash}>
      <BrandMark size={56} />
      <VisuallyHidden elementType="h1">{brand.name}</VisuallyHidden>
      <Spinner size={22} />
      <output className={styles.text}>
        {errorCode === null ? <VisuallyHidden>{t('common.loading')}</VisuallyHidden> : errorText(errorCode)}
      </output>
    </main>
  )
}
