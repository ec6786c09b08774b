import { Mic, Video, Volume2 } from 'lucide-react'
import { useEffect } from 'react'
import type { Device } from '#shared/sdk/index.ts'
import { useI18n } from '../../i18n/I18n.tsx'
import { Dialog } from '../../ui/Dialog.tsx'
import { Select } from '../../ui/Select.tsx'
import { usePhone } from '../PhoneContext.tsx'
import type { CallController } from '../state/CallController.ts'
import type { CallView } from '../state/call-view.ts'
import { useStore } from '../state/Store.ts'
import styles from './DevicesDialog.module.css'
import { canChooseSpeaker } from './RemoteAudio.tsx'

/** Which microphone, camera and speaker the call uses; remembered for the next ones. */
export function DevicesDialog({
  isOpen,
  view,
  controller,
  onClose,
}: {
  isOpen: boolean
  view: CallView
  controller: CallController
  onClose: () => void
}) {
  const { t } = useI18n()
  return (
    <Dialog title={t('devices.title')} closeLabel={t('common.close')} isOpen={isOpen} onClose={onClose} data-testid="devices-dialog">
      <Choices view={view} controller={controller} />
    </Dialog>
  )
}

function Choices({ view, controller }: { view: CallView; controller: CallController }) {
  const phone = usePhone()
  const devices = useStore(phone.devices)
  const { microphoneId, cameraId, speakerId } = useStore(phone.preferences)
  const { t } = useI18n()
  useEffect(() => void phone.devices.refresh(), [phone])

  const options = (kind: Device['kind']) =>
    devices
      .filter((device) => device.kind === kind)
      .map((device, index) => ({ id: device.deviceId, label: device.label || t('devices.unnamed', { number: index + 1 }) }))
  const chosen = (kind: Device['kind'], id: string | null | undefined) => {
    const ids = options(kind).map((option) => option.id)
    return id !== null && id !== undefined && ids.includes(id) ? id : (ids[0] ?? null)
  }

  return (
    <div className={styles.choices}>
      <Select
        label={t('devices.microphone')}
        icon={<Mic />}
        options={options('microphone')}
        value={chosen('microphone', view.me.tracks.microphone?.deviceId ?? microphoneId)}
        onChange={(id) => {
          phone.preferences.update({ microphoneId: id })
          void controller.switchDevice('microphone', id)
        }}
        placeholder={t('devices.none')}
        isDisabled={options('microphone').length === 0}
        data-testid="select-microphone"
      />
      <Select
        label={t('devices.camera')}
        icon={<Video />}
        options={options('camera')}
        value={chosen('camera', view.me.tracks.camera?.deviceId ?? cameraId)}
        onChange={(id) => {
          phone.preferences.update({ cameraId: id })
          void controller.switchDevice('camera', id)
        }}
        placeholder={t('devices.none')}
        isDisabled={options('camera').length === 0}
        data-testid="select-camera"
      />
      {canChooseSpeaker ? (
        <Select
          label={t('devices.speaker')}
          icon={<Volume2 />}
          options={options('speaker')}
          value={chosen('speaker', speakerId)}
          onChange={(id) => phone.preferences.update({ speakerId: id })}
          placeholder={t('devices.none')}
          isDisabled={options('speaker').length === 0}
          data-testid="select-speaker"
        />
      ) : (
        <p className={styles.note}>{t('devices.speakerBySystem')}</p>
      )}
    </div>
  )
}
