import { listDevices, onDeviceChange } from '#shared/sdk/index.ts'
import type { DevicePort } from './DevicesStore.ts'

export const browserDevices: DevicePort = {
  list: listDevices,
  onChange: onDeviceChange,
  isForbidden: async (name) => {
    try {
      const status = await navigator.permissions.query({ name })
      return status.state === 'denied'
    } catch {
      return null
    }
  },
}
