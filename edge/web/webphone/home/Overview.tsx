import { Link2, MonitorUp, UsersRound } from 'lucide-react'
import { type SubmitEvent, useState } from 'react'
import { useI18n } from '../../i18n/I18n.tsx'
import { Button } from '../../ui/Button.tsx'
import { TextField } from '../../ui/TextField.tsx'
import { usePhone } from '../PhoneContext.tsx'
import { shownName } from '../state/call-view.ts'
import { newConferenceId, parseConference } from '../state/conference-link.ts'
import { useStore } from '../state/Store.ts'
import styles from './Overview.module.css'

/** Where one is when nothing is going on: what can be begun from here. */
export function Overview() {
  const phone = usePhone()
  const session = useStore(phone.session)
  const { phase } = useStore(phone.calls)
  const { t } = useI18n()
  const [link, setLink] = useState('')
  const [wrong, setWrong] = useState(false)
  if (session.status !== 'signedIn') return null
  const busy = phase.kind !== 'idle'

  const join = (event: SubmitEvent) => {
    event.preventDefault()
    const roomId = parseConference(link)
    setWrong(roomId === null)
    if (roomId !== null) phone.route.go({ view: 'join', roomId })
  }

  return (
    <div className={styles.overview}>
      <div className={styles.hero}>
        <h1 className={styles.greeting}>{t('home.greeting', { name: shownName(session.user) })}</h1>
        <p className={styles.lead}>{t('home.lead', { username: session.user.username })}</p>
      </div>
      <div className={styles.cards}>
        <section className={styles.card} aria-labelledby="new-conference">
          <span className={styles.icon} aria-hidden="true">
            <UsersRound />
          </span>
          <h2 id="new-conference" className={styles.cardTitle}>
            {t('home.newConference')}
          </h2>
          <p className={styles.cardText}>{t('home.newConferenceText')}</p>
          <Button
            variant="primary"
            fill
            isDisabled={busy}
            onPress={() => {
              const roomId = newConferenceId((size) => crypto.getRandomValues(new Uint8Array(size)))
              phone.route.go({ view: 'join', roomId })
            }}
            data-testid="new-conference"
          >
            {t('home.newConferenceAction')}
          </Button>
        </section>
        <section className={styles.card} aria-labelledby="join-conference">
          <span className={styles.icon} aria-hidden="true">
            <Link2 />
          </span>
          <h2 id="join-conference" className={styles.cardTitle}>
            {t('home.joinConference')}
          </h2>
          <form className={styles.join} onSubmit={join} noValidate>
            <TextField
              label={t('home.joinLabel')}
              placeholder={t('home.joinPlaceholder')}
              value={link}
              onChange={(value) => {
                setLink(value)
                setWrong(false)
              }}
              isInvalid={wrong}
              errorMessage={wrong ? t('home.joinWrong') : undefined}
              autoComplete="off"
              spellCheck="false"
              data-testid="conference-link"
            />
            <Button type="submit" fill isDisabled={busy || link.trim() === ''} data-testid="open-conference">
              {t('home.joinAction')}
            </Button>
          </form>
        </section>
      </div>
      <p className={styles.tip}>
        <MonitorUp aria-hidden="true" />
        {t('home.tip')}
      </p>
    </div>
  )
}
