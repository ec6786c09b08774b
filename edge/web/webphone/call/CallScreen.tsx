import { ChevronDown, Lock } from 'lucide-react'
import { useCallback, useEffect, useRef, useState } from 'react'
import { useI18n } from '../../i18n/I18n.tsx'
import { Badge } from '../../ui/Badge.tsx'
import { IconButton } from '../../ui/IconButton.tsx'
import { useMediaQuery } from '../../ui/useMediaQuery.ts'
import { keys } from '../keys.ts'
import { usePhone } from '../PhoneContext.tsx'
import { ShortcutsDialog } from '../settings/ShortcutsDialog.tsx'
import { useShortcuts } from '../shortcuts.ts'
import type { CallController } from '../state/CallController.ts'
import { useStore } from '../state/Store.ts'
import { AddPeopleDialog } from './AddPeopleDialog.tsx'
import { callTitle } from './call-title.ts'
import { CallBanners } from './CallBanners.tsx'
import { CallControllerContext } from './CallControllerContext.tsx'
import styles from './CallScreen.module.css'
import { CallTimer } from './CallTimer.tsx'
import { type CallPanel, Controls } from './Controls.tsx'
import { DevicesDialog } from './DevicesDialog.tsx'
import { PeopleDialog, PeoplePanel } from './PeoplePanel.tsx'
import { Stage } from './Stage.tsx'

/** A call, from ringing to its end. */
export function CallScreen({ controller }: { controller: CallController }) {
  const phone = usePhone()
  const view = useStore(controller)
  const { shortcuts } = useStore(phone.preferences)
  const { t } = useI18n()
  const wide = useMediaQuery('(min-width: 52rem)')
  const [panel, setPanel] = useState<CallPanel | null>(null)
  const titleRef = useRef<HTMLHeadingElement>(null)
  const close = useCallback(() => setPanel(null), [])

  // Where the call begins, a screen reader begins too: with whom it is.
  useEffect(() => titleRef.current?.focus(), [])

  useShortcuts(
    {
      [keys.microphone.chord]: () => void controller.toggleMicrophone(),
      [keys.camera.chord]: () => void controller.toggleCamera(),
      [keys.screen.chord]: () => void controller.toggleScreen(),
      [keys.add.chord]: () => setPanel('add'),
      [keys.people.chord]: () => setPanel((open) => (open === 'people' ? null : 'people')),
      [keys.hangUp.chord]: () => void controller.hangUp(),
      [keys.help.chord]: () => setPanel('shortcuts'),
    },
    { enabled: shortcuts },
  )

  return (
    <main className={styles.call} aria-labelledby="call-title">
      <header className={styles.header}>
        <IconButton
          label={t('call.minimise')}
          icon={<ChevronDown />}
          onPress={() => phone.route.go({ view: 'home' })}
          data-testid="minimise"
        />
        <div className={styles.about}>
          <h1 id="call-title" ref={titleRef} tabIndex={-1} data-focus-ring="none" className={styles.title}>
            {callTitle(view, t)}
          </h1>
          <p className={styles.state} data-testid="call-state" data-state={view.state}>
            {view.state === 'active' ? <CallTimer startedAt={view.startedAt} /> : t(`call.state.${view.state}`)}
          </p>
        </div>
        {view.locked ? (
          <Badge icon={<Lock />} data-testid="locked">
            {t('people.locked')}
          </Badge>
        ) : null}
      </header>
      <CallBanners view={view} controller={controller} />
      <div className={styles.body}>
        <CallControllerContext value={controller}>
          <Stage view={view} controller={controller} />
        </CallControllerContext>
        {panel === 'people' && wide ? (
          <PeoplePanel view={view} controller={controller} onClose={close} onAdd={() => setPanel('add')} />
        ) : null}
      </div>
      <footer className={styles.footer}>
        <Controls view={view} controller={controller} panel={panel} onPanel={setPanel} />
      </footer>
      {wide ? null : (
        <PeopleDialog isOpen={panel === 'people'} view={view} controller={controller} onClose={close} onAdd={() => setPanel('add')} />
      )}
      <AddPeopleDialog isOpen={panel === 'add'} view={view} controller={controller} onClose={close} />
      <DevicesDialog isOpen={panel === 'devices'} view={view} controller={controller} onClose={close} />
      <ShortcutsDialog isOpen={panel === 'shortcuts'} onClose={close} />
    </main>
  )
}
