import { CallsStore } from './CallsStore.ts'
import { ContactsStore } from './ContactsStore.ts'
import { type DevicePort, DevicesStore } from './DevicesStore.ts'
import type { MediaChoice } from './media-choice.ts'
import { NoticesStore } from './NoticesStore.ts'
import type { PhoneClient } from './phone-client.ts'
import { PreferencesStore } from './PreferencesStore.ts'
import { ProvidersStore } from './ProvidersStore.ts'
import { RouteStore } from './RouteStore.ts'
import { SessionStore } from './SessionStore.ts'

export interface PhoneOptions {
  readonly client: PhoneClient
  readonly devices: DevicePort
  readonly storage: Storage | null
  readonly window: Window
  readonly now: () => number
  readonly sleep: (milliseconds: number) => Promise<void>
}

/** The webphone without its looks: all of its state and everything that can be done. */
export class Phone {
  readonly session: SessionStore
  readonly providers: ProvidersStore
  readonly contacts: ContactsStore
  readonly calls: CallsStore
  readonly devices: DevicesStore
  readonly preferences: PreferencesStore
  readonly notices: NoticesStore
  readonly route: RouteStore

  constructor(options: PhoneOptions) {
    this.preferences = new PreferencesStore(options.storage)
    this.notices = new NoticesStore()
    this.devices = new DevicesStore(options.devices)
    this.route = new RouteStore(options.window)
    this.session = new SessionStore(options.client, { sleep: options.sleep })
    this.providers = new ProvidersStore(options.client, { sleep: options.sleep })
    options.window.addEventListener('pageshow', ({ persisted }) => {
      if (persisted) this.session.cameBack()
    })
    this.contacts = new ContactsStore(options.client)
    this.calls = new CallsStore({
      client: options.client,
      notices: this.notices,
      devices: (wanted) => this.#devicesFor(wanted),
      obstacle: (kind) => this.devices.obstacle(kind),
      find: (address) => this.contacts.find(address),
      now: options.now,
    })
    options.client.on('sessionEnded', () => this.contacts.clear())
  }

  async start(): Promise<void> {
    await this.session.restore()
    if (this.session.state.status === 'signedIn') this.calls.restore(this.route.conference)
    if (this.calls.state.phase.kind === 'idle') this.route.leaveCall()
  }

  /** The devices chosen earlier, where they are plugged in, else the browser's own choice. */
  #devicesFor({ video }: { video: boolean }): MediaChoice {
    const { microphoneId, cameraId } = this.preferences.state
    const known = (deviceId: string | null): deviceId is string => deviceId !== null && this.devices.has(deviceId)
    return {
      audio: known(microphoneId) ? { deviceId: microphoneId } : true,
      video: video && known(cameraId) ? { deviceId: cameraId } : video,
    }
  }
}
