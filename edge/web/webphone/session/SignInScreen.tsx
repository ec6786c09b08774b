import { type SubmitEvent, useEffect, useRef, useState } from 'react'
import { brand } from '../../brand.ts'
import { useI18n } from '../../i18n/I18n.tsx'
import { Banner } from '../../ui/Banner.tsx'
import { BrandMark } from '../../ui/BrandMark.tsx'
import { Button } from '../../ui/Button.tsx'
import { TextField } from '../../ui/TextField.tsx'
import { AppearanceMenu } from '../settings/AppearanceMenu.tsx'
import { usePhone } from '../PhoneContext.tsx'
import { isMeeting, visitedDomain } from '../state/conference-link.ts'
import { domainOf } from '../state/ProvidersStore.ts'
import { useStore } from '../state/Store.ts'
import { ProviderButtons } from './ProviderButtons.tsx'
import { Rings } from './Rings.tsx'
import styles from './SignInScreen.module.css'

export function SignInScreen() {
  const phone = usePhone()
  const session = useStore(phone.session)
  const route = useStore(phone.route)
  const { t, errorText } = useI18n()
  const [username, setUsername] = useState('')
  const [password, setPassword] = useState('')
  const [checked, setChecked] = useState(false)
  const usernameRef = useRef<HTMLInputElement>(null)
  const passwordRef = useRef<HTMLInputElement>(null)
  const signingIn = session.status === 'signingIn'
  const errorCode = session.status === 'signedOut' ? session.errorCode : null
  const endReason = session.status === 'signedOut' ? session.endReason : null

  const address = route.view === 'join' ? route.roomId : null
  const lead = address === null ? 'signIn.lead' : isMeeting(address) ? 'signIn.leadMeeting' : 'signIn.leadConference'
  const guestOf = address === null ? undefined : visitedDomain(address)

  const signIn = async () => {
    await phone.session.signIn({ username: username.trim(), password })
    // A wrong password is typed again, not corrected.
    if (phone.session.state.status === 'signedOut') passwordRef.current?.select()
  }

  useEffect(() => usernameRef.current?.focus(), [])

  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    if (signingIn) return
    setChecked(true)
    if (username.trim() === '') usernameRef.current?.focus()
    else if (password === '') passwordRef.current?.focus()
    else void signIn()
  }

  return (
    <main className={styles.page}>
      <section className={styles.showcase} aria-hidden="true">
        <Rings />
        <p className={styles.pitch}>{t('signIn.pitch')}</p>
      </section>
      <section className={styles.side}>
        <header className={styles.top}>
          <span className={styles.brand}>
            <BrandMark size={30} />
            {brand.name}
          </span>
          <AppearanceMenu />
        </header>
        <div className={styles.panel}>
          <h1 className={styles.title}>{t('signIn.title')}</h1>
          <p className={styles.lead}>{t(lead)}</p>
          {endReason === null ? null : (
            <Banner tone="info" data-testid="sign-in-notice">
              {t(`sessionEnded.${endReason}`)}
            </Banner>
          )}
          <form className={styles.form} onSubmit={submit} noValidate>
            <TextField
              label={t('signIn.username')}
              description={t('signIn.usernameHint')}
              placeholder={t('signIn.usernamePlaceholder')}
              name="username"
              autoComplete="username"
              autoCapitalize="none"
              spellCheck="false"
              isRequired
              value={username}
              onChange={setUsername}
              isInvalid={checked && username.trim() === ''}
              errorMessage={t('signIn.usernameMissing')}
              inputRef={usernameRef}
              data-testid="username"
            />
            <TextField
              label={t('signIn.password')}
              revealLabel={t('signIn.showPassword')}
              type="password"
              name="password"
              autoComplete="current-password"
              isRequired
              value={password}
              onChange={setPassword}
              isInvalid={checked && password === ''}
              errorMessage={t('signIn.passwordMissing')}
              inputRef={passwordRef}
              data-testid="password"
            />
            <div role="alert" data-testid="sign-in-error">
              {errorCode === null ? null : (
                <p className={styles.error}>{errorCode === 'invalidGrant' ? t('signIn.wrong') : errorText(errorCode)}</p>
              )}
            </div>
            <Button type="submit" variant="primary" size="lg" fill isPending={signingIn} data-testid="sign-in">
              {t(signingIn ? 'signIn.submitting' : 'signIn.submit')}
            </Button>
          </form>
          {guestOf === undefined ? null : (
            <Button
              size="lg"
              fill
              isDisabled={signingIn}
              onPress={() => void phone.session.signInAsGuest(guestOf)}
              data-testid="sign-in-guest"
            >
              {t('signIn.asGuest')}
            </Button>
          )}
          <ProviderButtons domain={domainOf(username)} isDisabled={signingIn} />
        </div>
      </section>
    </main>
  )
}
