import { useI18n } from '../../i18n/I18n.tsx'
import { Dialog } from '../../ui/Dialog.tsx'
import { Kbd } from '../../ui/Kbd.tsx'
import { Switch } from '../../ui/Switch.tsx'
import { usePhone } from '../PhoneContext.tsx'
import { useStore } from '../state/Store.ts'
import { keys } from '../keys.ts'
import styles from './ShortcutsDialog.module.css'

const listed = [
  ['shortcuts.search', keys.search],
  ['shortcuts.microphone', keys.microphone],
  ['shortcuts.camera', keys.camera],
  ['shortcuts.screen', keys.screen],
  ['shortcuts.add', keys.add],
  ['shortcuts.people', keys.people],
  ['shortcuts.incoming', keys.incoming],
  ['shortcuts.hangUp', keys.hangUp],
  ['shortcuts.help', keys.help],
] as const

export function ShortcutsDialog({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const { preferences } = usePhone()
  const { shortcuts } = useStore(preferences)
  const { t } = useI18n()
  return (
    <Dialog title={t('shortcuts.title')} closeLabel={t('common.close')} isOpen={isOpen} onClose={onClose} data-testid="shortcuts-dialog">
      <dl className={styles.list}>
        {listed.map(([message, key]) => (
          <div key={message} className={styles.row}>
            <dt>{t(message)}</dt>
            <dd>
              <Kbd>{key.shown}</Kbd>
            </dd>
          </div>
        ))}
      </dl>
      <div className={styles.switch}>
        <Switch
          label={t('shortcuts.enabled')}
          description={t('shortcuts.enabledHint')}
          isSelected={shortcuts}
          onChange={(selected) => preferences.update({ shortcuts: selected })}
        />
      </div>
    </Dialog>
  )
}
