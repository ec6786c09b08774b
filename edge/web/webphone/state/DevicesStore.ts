import type { Device, Unsubscribe } from '#shared/sdk/index.ts'
import { codeOf } from './phone-client.ts'
import { Store } from './Store.ts'

/** What the store asks of the machine; `browserDevices` is the real one. */
export interface DevicePort {
  list(): Promise<Device[]>
  onChange(listener: () => void): Unsubscribe
  /** Whether the user has forbidden this page devices of the kind; null where the browser does not say. */
  isForbidden(kind: 'microphone' | 'camera'): Promise<boolean | null>
}

export type CaptureKind = 'microphone' | 'camera'

/** Microphones, cameras and speakers that there are, and whether they may be used. */
export class DevicesStore extends Store<readonly Device[]> {
  readonly #port: DevicePort

  constructor(port: DevicePort) {
    super([])
    this.#port = port
    try {
      port.onChange(() => void this.refresh())
    } catch {
      // A page without TLS has no devices at all; the list stays empty.
    }
  }

  async refresh(): Promise<void> {
    try {
      this.replace(await this.#port.list())
    } catch {
      this.replace([])
    }
  }

  /** The error code that opening a device of this kind would end with, as far as can be told beforehand; null: try it. */
  async obstacle(kind: CaptureKind): Promise<string | null> {
    try {
      const devices = await this.#port.list()
      this.replace(devices)
      if (!devices.some((device) => device.kind === kind)) return 'deviceNotFound'
      return (await this.#port.isForbidden(kind)) === true ? 'deviceNotAllowed' : null
    } catch (error) {
      return codeOf(error) === 'mediaNotSupported' ? 'mediaNotSupported' : null
    }
  }

  has(deviceId: string): boolean {
    return this.state.some((device) => device.deviceId === deviceId)
  }
}
