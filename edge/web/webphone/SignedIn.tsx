import { lazy, Suspense, useEffect, useRef, useState } from 'react'
import { useI18n } from '../i18n/I18n.tsx'
import { Announcements } from './Announcements.tsx'
import { useRing } from './audio/useRing.ts'
import { callTitle } from './call/call-title.ts'
import { RemoteAudio } from './call/RemoteAudio.tsx'
import { StartingScreen } from './call/StartingScreen.tsx'
import { ConnectionBanner } from './ConnectionBanner.tsx'
import { Home } from './home/Home.tsx'
import { IncomingCalls } from './incoming/IncomingCalls.tsx'
import { keys } from './keys.ts'
import { usePhone } from './PhoneContext.tsx'
import { ShortcutsDialog } from './settings/ShortcutsDialog.tsx'
import { useShortcuts } from './shortcuts.ts'
import { Splash } from './Splash.tsx'
import type { CallController } from './state/CallController.ts'
import { useStore } from './state/Store.ts'
import { useTitle } from './useTitle.ts'

const loadCallScreen = () => import('./call/CallScreen.tsx')
const CallScreen = lazy(async () => ({ default: (await loadCallScreen()).CallScreen }))

/** Everything that somebody who is signed in sees. */
export function SignedIn() {
  const { phase } = useStore(usePhone().calls)

  // So that the first call does not wait for the code of its screen.
  useEffect(() => void loadCallScreen(), [])

  return (
    <>
      <ConnectionBanner />
      <Announcements />
      {phase.kind === 'call' ? (
        <InCall controller={phase.controller} />
      ) : phase.kind === 'starting' ? (
        <StartingScreen to={phase.to} />
      ) : (
        <BetweenCalls />
      )}
      <IncomingCalls />
    </>
  )
}

function BetweenCalls() {
  useTitle(null)
  return <HomePage />
}

function HomePage() {
  const phone = usePhone()
  const { shortcuts } = useStore(phone.preferences)
  const searchRef = useRef<HTMLInputElement>(null)
  const [help, setHelp] = useState(false)
  useShortcuts({ [keys.search.chord]: () => searchRef.current?.focus(), [keys.help.chord]: () => setHelp(true) }, { enabled: shortcuts })
  return (
    <>
      <Home searchRef={searchRef} onShortcuts={() => setHelp(true)} />
      <ShortcutsDialog isOpen={help} onClose={() => setHelp(false)} />
    </>
  )
}

function InCall({ controller }: { controller: CallController }) {
  const phone = usePhone()
  const view = useStore(controller)
  const route = useStore(phone.route)
  const { t } = useI18n()
  useTitle(callTitle(view, t))
  const rings = view.state === 'ringing' && view.invites.length > 0
  useRing(rings ? 'outgoing' : null)

  // The call has a place in the history while it is on: Back looks away from it, and the end returns.
  const { id, kind } = view
  useEffect(() => {
    phone.route.go({ view: 'call' }, kind === 'conference' ? { roomId: phone.calls.addressOf(id) } : {})
    return () => phone.route.become({ view: 'home' })
  }, [phone, id, kind])

  return (
    <>
      <RemoteAudio controller={controller} />
      {route.view === 'call' ? (
        <Suspense fallback={<Splash />}>
          <CallScreen key={view.id} controller={controller} />
        </Suspense>
      ) : (
        <HomePage />
      )}
    </>
  )
}
