import {
  Ellipsis,
  Keyboard,
  Lock,
  LockOpen,
  Mic,
  MicOff,
  MonitorUp,
  MonitorX,
  PhoneOff,
  Settings2,
  UserRoundPlus,
  UsersRound,
  Video,
  VideoOff,
} from 'lucide-react'
import { Toolbar } from 'react-aria-components/Toolbar'
import { useI18n } from '../../i18n/I18n.tsx'
import { Menu, MenuItem } from '../../ui/Menu.tsx'
import { useMediaQuery } from '../../ui/useMediaQuery.ts'
import { keys } from '../keys.ts'
import type { CallController } from '../state/CallController.ts'
import { type CallView, isMuted } from '../state/call-view.ts'
import { ControlButton } from './ControlButton.tsx'
import styles from './Controls.module.css'
import { EndMenu } from './EndMenu.tsx'

export type CallPanel = 'people' | 'add' | 'devices' | 'shortcuts'

export interface ControlsProps {
  readonly view: CallView
  readonly controller: CallController
  readonly panel: CallPanel | null
  readonly onPanel: (panel: CallPanel | null) => void
}

const canShareScreen = (): boolean => typeof navigator.mediaDevices?.getDisplayMedia === 'function'

/** What one can do in a call. On a phone the rarer things are in a menu. */
export function Controls({ view, controller, panel, onPanel }: ControlsProps) {
  const { t } = useI18n()
  const wide = useMediaQuery('(min-width: 52rem)')
  const muted = isMuted(view.me)
  const cameraOff = view.me.tracks.camera === undefined
  const sharing = view.me.tracks.screen !== undefined
  const toggle = (name: CallPanel) => () => onPanel(panel === name ? null : name)
  const leaving = view.others.length > 1 || view.kind === 'conference'
  const ringing = view.others.length === 0
  const screenLabel = t(sharing ? 'controls.screenStop' : 'controls.screenStart')

  return (
    <Toolbar aria-label={t('controls.title')} className={styles.bar ?? ''}>
      <ControlButton
        label={t(muted ? 'controls.unmute' : 'controls.mute')}
        caption={t(muted ? 'controls.unmuteShort' : 'controls.muteShort')}
        icon={muted ? <MicOff /> : <Mic />}
        look={muted ? 'off' : 'plain'}
        shortcut={keys.microphone}
        isDisabled={view.pending.includes('microphone')}
        onPress={() => void controller.toggleMicrophone()}
        data-testid="control-microphone"
      />
      <ControlButton
        label={t(cameraOff ? 'controls.cameraOn' : 'controls.cameraOff')}
        caption={t('controls.cameraShort')}
        icon={cameraOff ? <VideoOff /> : <Video />}
        look={cameraOff ? 'idle' : 'plain'}
        shortcut={keys.camera}
        isDisabled={view.pending.includes('camera')}
        onPress={() => void controller.toggleCamera()}
        data-testid="control-camera"
      />
      {wide && canShareScreen() ? (
        <ControlButton
          label={screenLabel}
          caption={t('controls.screenShort')}
          icon={sharing ? <MonitorX /> : <MonitorUp />}
          look={sharing ? 'active' : 'plain'}
          shortcut={keys.screen}
          isDisabled={view.pending.includes('screen')}
          onPress={() => void controller.toggleScreen()}
          data-testid="control-screen"
        />
      ) : null}
      <ControlButton
        label={t('controls.add')}
        caption={t('controls.addShort')}
        icon={<UserRoundPlus />}
        shortcut={keys.add}
        onPress={toggle('add')}
        data-testid="control-add"
      />
      <ControlButton
        label={t('controls.people', { count: view.others.length + 1 })}
        caption={t('controls.peopleShort')}
        icon={<UsersRound />}
        look={panel === 'people' ? 'active' : 'plain'}
        badge={view.others.length + 1}
        shortcut={keys.people}
        aria-expanded={panel === 'people'}
        onPress={toggle('people')}
        data-testid="control-participants"
      />
      {wide ? (
        <ControlButton
          label={t('controls.devices')}
          caption={t('controls.devicesShort')}
          icon={<Settings2 />}
          onPress={toggle('devices')}
          data-testid="control-devices"
        />
      ) : (
        <Menu
          aria-label={t('controls.more')}
          placement="top"
          trigger={<ControlButton label={t('controls.more')} caption="" icon={<Ellipsis />} data-testid="control-more" />}
          onAction={(key) => {
            if (key === 'screen') void controller.toggleScreen()
            if (key === 'devices') onPanel('devices')
            if (key === 'lock') void controller.setLocked(!view.locked)
            if (key === 'shortcuts') onPanel('shortcuts')
          }}
        >
          {canShareScreen() ? (
            <MenuItem id="screen" icon={sharing ? <MonitorX /> : <MonitorUp />} data-testid="control-screen">
              {screenLabel}
            </MenuItem>
          ) : null}
          <MenuItem id="devices" icon={<Settings2 />} data-testid="control-devices">
            {t('controls.devices')}
          </MenuItem>
          {view.isOwner ? (
            <MenuItem id="lock" icon={view.locked ? <LockOpen /> : <Lock />}>
              {t(view.locked ? 'people.unlock' : 'people.lock')}
            </MenuItem>
          ) : null}
          <MenuItem id="shortcuts" icon={<Keyboard />}>
            {t('shortcuts.title')}
          </MenuItem>
        </Menu>
      )}
      <span className={styles.end}>
        <ControlButton
          label={t(leaving ? 'controls.leave' : ringing ? 'controls.cancel' : 'controls.hangUp')}
          caption={t(leaving ? 'controls.leaveShort' : ringing ? 'common.cancel' : 'controls.hangUpShort')}
          icon={<PhoneOff />}
          look="hangUp"
          shortcut={keys.hangUp}
          onPress={() => void controller.hangUp()}
          data-testid="hang-up"
        />
        {view.isOwner && view.others.length > 1 ? <EndMenu onEnd={() => void controller.endForAll()} /> : null}
      </span>
    </Toolbar>
  )
}
