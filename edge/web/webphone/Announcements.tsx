import { useI18n } from '../i18n/I18n.tsx'
import { LiveRegion } from '../ui/LiveRegion.tsx'
import { keys } from './keys.ts'
import { usePhone } from './PhoneContext.tsx'
import type { CallController } from './state/CallController.ts'
import { isMuted } from './state/call-view.ts'
import { useStore } from './state/Store.ts'

/** What somebody who does not see the page must hear of it: who rings, how the call stands, whether one is heard. */
export function Announcements() {
  const { incoming, phase } = useStore(usePhone().calls)
  const { t } = useI18n()
  const ringing = incoming[0]
  const inCall = phase.kind === 'call' || phase.kind === 'starting'
  const rings = ringing === undefined ? '' : t(ringing.video ? 'incoming.video' : 'incoming.audio', { name: ringing.name })
  return (
    <>
      <LiveRegion politeness="assertive">
        {ringing !== undefined && inCall ? `${rings} ${t('incoming.region', { key: keys.incoming.shown })}` : rings}
      </LiveRegion>
      {phase.kind === 'call' ? <CallAnnouncements controller={phase.controller} /> : null}
    </>
  )
}

function CallAnnouncements({ controller }: { controller: CallController }) {
  const view = useStore(controller)
  const { t } = useI18n()
  return (
    <>
      <LiveRegion politeness="polite">{t(`call.state.${view.state}`)}</LiveRegion>
      <LiveRegion politeness="polite">
        {view.state === 'active' ? t(isMuted(view.me) ? 'announce.muted' : 'announce.unmuted') : ''}
      </LiveRegion>
      <LiveRegion politeness="polite">{view.me.tracks.screen === undefined ? '' : t('screen.mine')}</LiveRegion>
    </>
  )
}
