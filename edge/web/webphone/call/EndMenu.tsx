import { ChevronUp, CircleX } from 'lucide-react'
import { useI18n } from '../../i18n/I18n.tsx'
import { IconButton } from '../../ui/IconButton.tsx'
import { Menu, MenuItem } from '../../ui/Menu.tsx'

/** The owner's way to end a call for everybody, one step away from leaving it. */
export function EndMenu({ onEnd }: { onEnd: () => void }) {
  const { t } = useI18n()
  return (
    <Menu
      aria-label={t('controls.endOptions')}
      placement="top end"
      trigger={<IconButton size="sm" label={t('controls.endOptions')} icon={<ChevronUp />} data-testid="end-options" />}
      onAction={onEnd}
    >
      <MenuItem id="end" icon={<CircleX />} tone="danger" data-testid="end-for-all">
        {t('controls.endForAll')}
      </MenuItem>
    </Menu>
  )
}
