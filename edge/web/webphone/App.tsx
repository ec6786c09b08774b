import { lazy, Suspense } from 'react'
import { I18nProvider } from '../i18n/I18n.tsx'
import styles from './App.module.css'
import { Notices } from './Notices.tsx'
import { PhoneContext, usePhone } from './PhoneContext.tsx'
import { SignInScreen } from './session/SignInScreen.tsx'
import { useTheme } from './settings/useTheme.ts'
import { Splash } from './Splash.tsx'
import type { Phone } from './state/Phone.ts'
import { useStore } from './state/Store.ts'

// Asked for at once, while it is still being found out whether somebody is signed in.
const signedIn = import('./SignedIn.tsx')
const SignedIn = lazy(async () => ({ default: (await signedIn).SignedIn }))

export function App({ phone }: { phone: Phone }) {
  const { language } = useStore(phone.preferences)
  return (
    <PhoneContext value={phone}>
      <I18nProvider language={language}>
        <Pages />
      </I18nProvider>
    </PhoneContext>
  )
}

function Pages() {
  const phone = usePhone()
  const session = useStore(phone.session)
  const { theme } = useStore(phone.preferences)
  useTheme(theme)
  return (
    <div className={styles.app} data-session={session.status}>
      <Notices />
      {session.status === 'signedOut' || session.status === 'signingIn' ? (
        <SignInScreen />
      ) : (
        <Suspense fallback={<Splash />}>
          {session.status === 'restoring' ? <Splash errorCode={session.errorCode} /> : <SignedIn />}
        </Suspense>
      )}
    </div>
  )
}
