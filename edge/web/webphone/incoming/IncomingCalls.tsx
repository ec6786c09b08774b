import { useCallback, useRef, useState } from 'react'
import { useRing } from '../audio/useRing.ts'
import { keys } from '../keys.ts'
import { usePhone } from '../PhoneContext.tsx'
import { useShortcuts } from '../shortcuts.ts'
import { useStore } from '../state/Store.ts'
import { IncomingCard } from './IncomingCard.tsx'
import { IncomingDialog } from './IncomingDialog.tsx'

/** Whoever rings: over everything when nothing is going on, in a corner when something is. */
export function IncomingCalls() {
  const phone = usePhone()
  const { incoming, phase } = useStore(phone.calls)
  const { ringSound, shortcuts } = useStore(phone.preferences)
  const [silenced, setSilenced] = useState<ReadonlySet<string>>(new Set())
  const cardRef = useRef<HTMLElement>(null)
  const busy = phase.kind === 'call' || phase.kind === 'starting'

  const ringing = incoming.filter((invite) => !invite.answering && !silenced.has(invite.id))
  useRing(ringing.length > 0 && ringSound ? 'incoming' : null)
  const silence = useCallback((id: string) => setSilenced((before) => new Set([...before, id])), [])

  useShortcuts({ [keys.incoming.chord]: () => cardRef.current?.focus() }, { enabled: shortcuts && busy })

  const [first, ...waiting] = incoming
  if (first === undefined) return null
  if (busy) return <IncomingCard ref={cardRef} invites={incoming} silenced={silenced} onSilence={silence} />
  return <IncomingDialog key={first.id} invite={first} waiting={waiting} silenced={silenced.has(first.id)} onSilence={silence} />
}
